// Rates as reviewed and detected, agreement, and the spans a reviewer excluded.

import { clock, element, number, percent } from "./looks.js";

const AGREEMENT = "Of the judged potentials only: judge a random or complete part of the list before you quote these. "
  + "Kappa is the agreement beyond chance. The rate is that of the reviewed events in the reviewed time; "
  + "potentials nobody judged count as detected.";

export function rate(summary, i) {
  if (summary.rate_per_min[i] === null) return "none: too short a time";
  return `${number(summary.rate_per_min[i])} (${number(summary.rate_low[i])}–${number(summary.rate_high[i])})`;
}

export function fillNumbers(box, store, takeBack) {
  box.replaceChildren(
    element("h2", {}, "Rates"), rates(store),
    element("h2", {}, "Agreement of detector and reviewer"), agreement(store),
    element("p", { class: "quiet" }, AGREEMENT),
    ...spans(store, takeBack));
}

// The first column holds names, the others numbers or what is given
function table(heads, rows) {
  const side = (i) => ({ class: i ? "num" : "" });
  const line = (cells) => element("tr", {}, ...cells.map((cell, i) => element("td", side(i), cell)));
  const head = element("tr", {}, ...heads.map((name, i) => element("th", { scope: "col", ...side(i) }, name)));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows.map(line)));
}

const count = (value) => String(value ?? "–");

function rates({ summary: s }) {
  const heads = ["site", "per min, reviewed (95 %)", "as detected", "counted, reviewed", "as detected", "analysed (s)", "judged", "added"];
  return table(heads, s.site.map((site, i) => [
    site, rate(s, i), number(s.rate_per_min_detected[i]), count(s.n_fasciculations[i]),
    count(s.n_fasciculations_detected[i]), number(s.analysed_s[i]), count(s.n_judged[i]), count(s.n_added[i]),
  ]));
}

function agreement(store) {
  const heads = ["site", "judged", "agree", "kappa", "counted by both", "detector only", "reviewer only", "by neither", "precision"];
  const row = (name, a) => [
    name, count(a.n), percent(a.share), number(a.kappa, 2), count(a.both), count(a.detector_only),
    `${a.reviewer_only}${a.added ? ` (${a.added} added)` : ""}`, count(a.neither), percent(a.precision),
  ];
  return table(heads, [row("all sites", store.agreement), ...store.sites().map((site) => row(site, store.agreementBySite[site]))]);
}

function spans(store, takeBack) {
  const e = store.excluded, mine = e.site.map((_, i) => i).filter((i) => e.by[i] === "reviewer");
  if (!mine.length) return [];
  const button = (i) => element("button", { type: "button", onclick: () => takeBack(i) }, "Take back");
  const rows = mine.map((i) => [e.site[i], clock(e.onset[i]), `${number(e.duration[i], 2)} s`, e.reason[i], button(i)]);
  return [element("h2", {}, "Spans excluded by the reviewer"), table(["site", "from", "length", "reason", ""], rows)];
}
