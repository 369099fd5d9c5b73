// Signal and shapes of potentials from the server; kept for a while, neighbours fetched ahead.

import { getJson, getSignal } from "./api.js";
import { $ } from "./page.js";
import { chart, range, siteShown, state, store, view } from "./state.js";

const N_SIGNALS = 64, N_SHAPES = 200;
const AHEAD = [1, -1, 2, 10, -10]; // places in the list that a key leads to
const LONGEST_AHEAD_S = 10;
const MANY = 16; // channels: a smallest and a largest value per pixel is all that can be seen of them

const signals = new Map(), shapes = new Map();

export const forgetShapes = () => shapes.clear();
export function forgetSignals() {
  signals.clear();
  shapes.clear();
}

// The answer of a question asked before, or ask; what failed may be asked again
function remembered(known, limit, key, ask) {
  if (!known.has(key)) {
    if (known.size >= limit) known.delete(known.keys().next().value);
    const answer = ask();
    answer.catch(() => known.delete(key));
    known.set(key, answer);
  }
  return known.get(key);
}

function question(row) {
  const [start, stop] = range(row);
  const at = row >= 0 ? store.value("peak_s", row) : start + view.width / 2;
  const site = row >= 0 ? store.value("site", row) : siteShown(), channels = $("channels").value;
  return { site, channel: (row >= 0 && store.value("channel", row)) || "", start, stop, at,
    channels, low: $("low").value, columns: (channels > MANY ? 2 : 3) * chart.columns };
}

export function fetchSignal(row, { ahead = false } = {}) {
  const asked = question(row);
  return remembered(signals, N_SIGNALS, `${state.index} ${JSON.stringify(asked)}`,
    () => getSignal(state.index, ahead ? { ...asked, ahead: 1 } : asked));
}

export function fetchShapes(row) {
  const e = store.events;
  const asked = { site: e.site[row], channel: e.channel[row] ?? "", unit: e.unit[row] ?? "", at: e.peak_s[row], low: $("low").value };
  return remembered(shapes, N_SHAPES, `${state.index} ${JSON.stringify(asked)}`,
    () => getJson(`api/${state.index}/shapes?${new URLSearchParams(asked)}`));
}

// One after the other, so that what a person asks for next waits for one of them at most
export async function fetchAhead(row) {
  const place = store.places.get(row), n = store.listed.length;
  if (place === undefined || view.width > LONGEST_AHEAD_S) return;
  const open = store.nextOpen(row), ends = [0, n - 1];
  const rows = [...AHEAD.map((step) => place + step), ...ends].map((at) => store.listed[at]);
  for (const other of new Set([...rows.slice(0, 3), open, ...rows.slice(3)])) {
    if (state.row !== row) return;
    if (other === undefined || other < 0 || other === row) continue;
    try { await fetchSignal(other, { ahead: true }); } catch { return; }
  }
}
