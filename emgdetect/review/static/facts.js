// What is known of the selected potential, in two lines.

import { badge, clock, element, microvolts, number } from "./looks.js";
import { $ } from "./page.js";
import { state, store } from "./state.js";

const fact = (name, text) => element("span", {}, element("span", { class: "quiet" }, `${name} `), text);

export function drawFacts() {
  for (const id of ["accept", "reject", "unit"]) $(id).disabled = state.row < 0;
  $("facts").replaceChildren(...(state.row < 0 ? [nothing()] : [what(state.row), how(state.row)]));
}

function nothing() {
  const filtered = "No potential is selected: none matches the filter.";
  const none = "Nothing was detected in this recording; press i to add a potential.";
  return element("span", { class: "quiet" }, store.n ? filtered : none);
}

function verdictOf(row) {
  const verdict = store.value("verdict", row), { words, mark } = store.history(row);
  return element("span", {}, badge(verdict), " ", element("b", {}, verdict), element("span", { class: "quiet" }, mark ? ` (${words})` : ""));
}

function what(row) {
  const e = store.events;
  return element("div", {}, verdictOf(row),
    fact("site", e.site[row]), fact("on", e.channel[row] ?? "–"), fact("at", clock(e.peak_s[row])), fact("unit", e.unit[row] ?? "none"),
    e.outside[row] ? element("b", {}, "in excluded time: not counted") : null);
}

function how(row) {
  const e = store.events, known = store.uncertainty(row) !== null;
  return element("div", {},
    fact("size", microvolts(e.amplitude_uv[row])), fact("SNR", number(e.snr[row])),
    fact("lasts", e.duration[row] === null ? "–" : `${(1000 * e.duration[row]).toFixed(1)} ms`),
    known ? fact("score", `${number(e.score[row])} (threshold ${number(e.threshold[row])})`) : null,
    element("span", { class: "why", title: e.why[row] ?? "" }, e.why[row] ?? ""));
}
