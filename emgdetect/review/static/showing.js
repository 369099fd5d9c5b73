// From a selected potential to its signal on the page.

import { Gone } from "./api.js";
import { drawFacts } from "./facts.js";
import { fetchAhead, fetchShapes, fetchSignal } from "./fetching.js";
import { clock, niceStep } from "./looks.js";
import { leaveMode } from "./mode.js";
import { $, report } from "./page.js";
import { chart, closeUp, current, list, range, siteShown, state, store, strip, view, zero } from "./state.js";
import { followOverview } from "./whole.js";

const MANY = 16; // channels
let turns = 0;

export function select(row, stamp = performance.now()) {
  const before = siteShown();
  state.row = row;
  view.offset = 0;
  list.select(row);
  drawFacts();
  leaveMode();
  if (siteShown() !== before || !strip.scene) {
    state.envelope = null;
    followOverview();
  }
  return show(stamp);
}

export async function show(stamp = performance.now()) {
  const turn = ++turns, { row } = state, [start, stop] = range();
  if (!siteShown()) return;
  $("chart").setAttribute("aria-busy", "true");
  strip.where({ start, end: stop });
  $("width").textContent = view.width < 1 ? `${view.width * 1000} ms` : `${view.width} s`;
  if (!state.input.ok) { withoutSignal(start, stop); settled(turn); return; }
  let signal;
  try {
    signal = await fetchSignal(row);
  } catch (error) {
    if (error instanceof Gone) report(error);
    else chart.say(error.message);
    settled(turn);
    return;
  }
  if (turn !== turns) return;
  chart.say("");
  paint(signal, start, stop);
  requestAnimationFrame(() => shown(row, turn, stamp));
}

// Nothing newer is on its way
function settled(turn) {
  if (turn === turns) $("chart").setAttribute("aria-busy", "false");
}

async function shown(row, turn, stamp) {
  performance.measure("event-shown", { start: stamp, end: performance.now(), detail: { row } });
  $("chart").dataset.row = row;
  $("chart").dataset.shown = String(turn);
  settled(turn);
  await drawCloseUp(row);
  await fetchAhead(row);
}

function paint(signal, start, stop) {
  const site = siteShown();
  if (view.laneUv === null || !$("lock").checked) view.laneUv = laneFor(signal);
  const laneUv = view.laneUv / view.gain;
  const excluded = store.excludedAt(site).filter((span) => span.onset < stop && span.onset + span.duration > start);
  chart.draw({ zero: view.width > 2 ? Math.floor(zero()) : zero(), start, stop, signal, laneUv, showRaw: $("raw").checked, row: state.row, store, site, excluded });
  $("mains").textContent = signal.mains_hz ? `mains ${Math.round(signal.mains_hz)} Hz taken out` : "";
  $("gain").textContent = `${Number(laneUv.toPrecision(2))} µV/lane`;
  const n = signal.channels.length;
  $("chart").setAttribute("aria-label", `Signal of ${n} channel${n > 1 ? "s" : ""} of ${site}, ${clock(start)} to ${clock(stop)}, ${store.between(site, start, stop).length} potentials`);
}

// A lane holds the largest deflection near the potential, in steps of 1, 2, 5
function laneFor(signal) {
  const near = zero() + view.offset, reach = Math.min(view.width / 2, 0.05);
  const first = Math.max(0, Math.floor((near - reach - signal.start_s) / signal.step_s));
  const last = Math.min(signal.n_columns, Math.ceil((near + reach - signal.start_s) / signal.step_s));
  let largest = 0;
  for (const trace of signal.filtered) for (let i = first; i < last; i++) { const v = Math.abs(trace[i]); if (v > largest) largest = v; }
  const noise = Math.max(...signal.noise_uv.map((v) => v ?? 0));
  // Many lanes are low: there a line may reach into its neighbours'
  const room = signal.channels.length > MANY ? 0.45 : 1;
  return niceStep(room * Math.max(1.7 * largest, 8 * noise, 0.5));
}

function withoutSignal(start, stop) {
  const flat = new Float32Array(2).fill(NaN);
  const channels = [current("channel") || siteShown()];
  paint({ start_s: start, step_s: stop - start, n_columns: 2, channels, filtered: [flat], raw: [flat], noise_uv: [null] }, start, stop);
  chart.say(state.input.message || "No signal.");
  closeUp.clear("No signal");
}

async function drawCloseUp(row) {
  if (row < 0) closeUp.clear("Close-up");
  if (row < 0 || row !== state.row || !$("closeup").offsetParent) return;
  let shapes;
  try { shapes = await fetchShapes(row); } catch { return; }
  if (row !== state.row) return;
  const unit = current("unit"), n = shapes.others.length, over = n ? `, over ${n} others of it` : "";
  closeUp.draw(shapes, `µV on ${current("channel") ?? ""}, ${unit === null ? "no unit" : `unit ${unit}${over}`}`);
}
