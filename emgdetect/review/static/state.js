// What the page shows at the moment, and the parts that show it.

import { Chart } from "./chart.js";
import { CloseUp } from "./closeup.js";
import { List } from "./list.js";
import { $ } from "./page.js";
import { Store } from "./store.js";
import { Strip } from "./strip.js";

export const store = new Store();

export const view = { width: 1, offset: 0, gain: 1, laneUv: null };

const NO_INPUT = { ok: false, message: "", segments: [] };
export const state = {
  desk: null, // recordings, verdicts, reasons, reviewer: the same for the life of the page
  index: 0, // of the recording
  row: -1, // of the potential in the store; -1 for none
  mode: "", // "add", "span" or neither
  input: NO_INPUT,
  envelope: null,
};

export function forgetRecording(index) {
  Object.assign(state, { index, row: -1, mode: "", input: NO_INPUT, envelope: null });
  Object.assign(store.filter, { site: "", verdicts: null, unit: "" });
}

// Filled in by main.js: what a click on a part does
export const handlers = {};

export const list = new List($("events"), store, (row, stamp) => handlers.select(row, stamp));
export const strip = new Strip($("strip"), (time, stamp) => handlers.goTo(time, stamp));
export const closeUp = new CloseUp($("closeup-plot"), $("closeup-title"));
export const chart = new Chart($("chart"), {
  down: (...at) => handlers.down(...at), move: (...at) => handlers.move(...at),
  up: (...at) => handlers.up(...at), wheel: (...at) => handlers.wheel(...at),
});

export const current = (name) => (state.row >= 0 ? store.value(name, state.row) : undefined);
export const siteShown = () => current("site") ?? (store.filter.site || store.sites()[0]);
export const zero = () => current("peak_s") ?? 0;

// Time shown around a potential: that of the selected one may have been moved along
export function range(row = state.row) {
  const offset = row === state.row ? view.offset : 0;
  const centre = (row >= 0 ? store.value("peak_s", row) : view.width / 2) + offset;
  return [centre - view.width / 2, centre + view.width / 2];
}
