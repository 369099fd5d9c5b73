// What is known of the selected potential, in two lines.

import { badge, clock, element, microvolts, number } from "./looks.js";
import { $ } from "./page.js";
import { state, store } from "./state.js";

const fact = (name, text) => element("span", {}, element("span", { class: "quiet" }, `${name} `), text);

export function drawFacts() {
  $("facts").replaceChildren(...(state.row < 0 ? [nothing()] : [what(state.row), how(state.row)]));
}

function nothing() {
  const filtered = "No potential is selected: none matches the filter.";
  const none = "Nothing was detected in this recording; press i to add a potential.";
  return element("span", { class: "quiet" }, store.n ? filtered : none);
}

function decided(row) {
  const e = store.events;
  if (e.added[row]) return " (added)";
  if (store.changed(row)) return ` (detected: ${e.verdict_detected[row]})`;
  return e.judged[row] ? " (confirmed)" : "";
}

function what(row) {
  const e = store.events;
  const verdict = element("span", {}, badge(e.verdict[row]), " ", element("b", {}, e.verdict[row]), element("span", { class: "quiet" }, decided(row)));
  return element("div", {}, verdict,
    fact("site", e.site[row]), fact("on", e.channel[row] ?? "–"), fact("at", clock(e.peak_s[row])), fact("unit", e.unit[row] ?? "none"),
    e.outside[row] ? element("b", {}, "in excluded time: not counted") : null);
}

function how(row) {
  const e = store.events, score = store.uncertainty(row) === null ? null : `${number(e.score[row])} (threshold ${number(e.threshold[row])})`;
  return element("div", {},
    fact("size", microvolts(e.amplitude_uv[row])), fact("SNR", number(e.snr[row])),
    fact("lasts", e.duration[row] === null ? "–" : `${(1000 * e.duration[row]).toFixed(1)} ms`),
    score && fact("score", score),
    element("span", { class: "why", title: e.why[row] ?? "" }, e.why[row] ?? ""));
}
