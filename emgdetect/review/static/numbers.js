// Rates as reviewed and detected, agreement, and the spans a reviewer excluded.

import { clock, element, number, percent } from "./looks.js";

const cell = (text, numeric = true) => element("td", { class: numeric ? "num" : "" }, text);
const head = (names) => element("thead", {}, element("tr", {}, ...names.map((name, i) => element("th", { scope: "col", class: i ? "num" : "" }, name))));

export function rate(summary, i) {
  if (summary.rate_per_min[i] === null) return "n/a";
  return `${number(summary.rate_per_min[i])} (${number(summary.rate_low[i])}–${number(summary.rate_high[i])})`;
}

export function fillNumbers(box, store, takeBack) {
  const s = store.summary;
  const rates = element("table", {}, head(["site", "per min, reviewed (95 %)", "as detected", "counted, reviewed", "as detected", "analysed (s)", "judged", "added"]),
    element("tbody", {}, ...s.site.map((site, i) => element("tr", {}, cell(site, false), cell(rate(s, i)), cell(number(s.rate_per_min_detected[i])),
      cell(String(s.n_fasciculations[i] ?? "–")), cell(String(s.n_fasciculations_detected[i] ?? "–")), cell(number(s.analysed_s[i])),
      cell(String(s.n_judged[i])), cell(String(s.n_added[i]))))));
  const row = (name, a) => element("tr", {}, cell(name, false), cell(String(a.n)), cell(percent(a.share)), cell(number(a.kappa, 2)), cell(String(a.both)),
    cell(String(a.detector_only)), cell(`${a.reviewer_only}${a.added ? ` (${a.added} added)` : ""}`), cell(String(a.neither)), cell(percent(a.precision)));
  const agreement = element("table", {}, head(["site", "judged", "agree", "kappa", "counted by both", "detector only", "reviewer only", "by neither", "precision"]),
    element("tbody", {}, row("all sites", store.agreement), ...store.sites().map((site) => row(site, store.agreementBySite[site]))));
  box.replaceChildren(element("h2", {}, "Rates"), rates, element("h2", {}, "Agreement of detector and reviewer"), agreement,
    element("p", { class: "quiet" }, "Of the judged potentials only: judge a random or complete part of the list before you quote these. Kappa is the agreement beyond chance. The rate is that of the reviewed events in the reviewed time; potentials nobody judged count as detected."),
    ...spans(store, takeBack));
}

function spans(store, takeBack) {
  const e = store.excluded, mine = e.site.map((_, i) => i).filter((i) => e.by[i] === "reviewer");
  if (!mine.length) return [];
  const rows = mine.map((i) => element("tr", {}, cell(e.site[i], false), cell(clock(e.onset[i])), cell(`${number(e.duration[i], 2)} s`), cell(e.reason[i]),
    element("td", {}, element("button", { type: "button", onclick: () => takeBack(i) }, "Take back"))));
  return [element("h2", {}, "Spans excluded by the reviewer"), element("table", {}, head(["site", "from", "length", "reason", ""]), element("tbody", {}, ...rows))];
}
