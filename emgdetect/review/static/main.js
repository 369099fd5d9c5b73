// The page: puts the parts together and turns keys and clicks into decisions.

import { getJson, getSignal, Gone, postJson, Refused } from "./api.js";
import { Chart, CloseUp } from "./chart.js";
import { askReason, askSpan, askTime, askUnit, fillHelp, showDialog } from "./dialogs.js";
import { List } from "./list.js";
import { badge, clock, COUNTED, element, forgetColours, microvolts, niceStep, number, percent, seconds } from "./looks.js";
import { fillNumbers, rate } from "./numbers.js";
import { keyOf, Store } from "./store.js";
import { Strip } from "./strip.js";

const $ = (id) => document.getElementById(id);
const WIDTHS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];
const store = new Store();
const view = { width: 1, offset: 0, gain: 1, laneUv: null };
const state = { desk: null, index: 0, row: -1, name: "", mode: "", reason: "", spanReason: "motion", input: { ok: false, message: "", segments: [] }, envelope: null, shown: 0, counted: 0 };
const signals = new Map(); // recent and prefetched pieces of signal
const shapesKnown = new Map();
const list = new List($("events"), store, (row, time) => select(row, time));
const chart = new Chart($("chart"), { down, move, up, wheel });
const closeUp = new CloseUp($("closeup-plot"), $("closeup-title"));
const strip = new Strip($("strip"), (time, stamp) => goTo(time, stamp));

// One thing after the other: a key pressed while a decision is saved waits for it.
let queue = Promise.resolve(), busy = 0;
const keysWaiting = [];
function later(task) {
  busy++;
  queue = queue.then(task).catch(report).finally(() => { busy--; playKeys(); });
  return queue;
}
// Keys typed ahead go to an open dialog, or wait until nothing is being saved or asked
function playKeys() {
  while (keysWaiting.length) {
    const dialog = document.querySelector("dialog[open]");
    if (!dialog && busy) return;
    const event = keysWaiting.shift();
    if (dialog) (dialog.contains(document.activeElement) ? document.activeElement : dialog).dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true }));
    else act(event);
  }
}
async function asking(question) {
  busy++;
  try { await question(); } catch (error) { report(error); } finally { busy--; playKeys(); }
}

let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  $("toast").classList.add("show");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => $("toast").classList.remove("show"), 2600);
}

function banner(text, alarming = false) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
  $("banner").classList.toggle("alert", alarming);
}

function report(error) {
  keysWaiting.length = 0; // nobody wants to go on blindly
  if (error instanceof Gone) {
    banner("The server does not answer. Everything decided before is saved, the last step is not. Give the `emgdetect review` command again and go on in the page it opens.", true);
  } else if (error instanceof Refused) {
    toast(error.message);
  } else {
    console.error(error);
    toast(String(error));
  }
}

// ---- loading -------------------------------------------------------------------------------

async function start() {
  state.desk = await getJson("api/desk");
  const names = state.desk.recordings.map((r) => r.name);
  $("recording").replaceChildren(...names.map((name, i) => element("option", { value: i }, name)));
  $("reviewer").textContent = `reviewer: ${state.desk.reviewer}`;
  fillHelp();
  const wanted = names.indexOf(decodeURIComponent(location.hash.slice(1)));
  await load(Math.max(0, wanted));
}

async function load(index) {
  state.index = index;
  $("recording").value = String(index);
  const tables = await getJson(`api/${index}/tables`);
  state.name = tables.name;
  history.replaceState(null, "", `#${encodeURIComponent(tables.name)}`);
  document.title = `${tables.name} – emgdetect review`;
  signals.clear();
  shapesKnown.clear();
  Object.assign(state, { row: -1, envelope: null, input: { ok: false, message: "", segments: [] }, mode: "" });
  Object.assign(store.filter, { site: "", verdicts: null, unit: "" });
  store.take(tables);
  banner(store.nDamaged ? `${store.nDamaged} damaged line${store.nDamaged > 1 ? "s" : ""} of reviewed.tsv (a crash or an edit by hand) left out; all others count.` : "");
  refilter();
  chart.say("Looking for the signal …");
  try {
    state.input = await getJson(`api/${index}/input`);
  } catch (error) { report(error); }
  if (state.input.message) banner(state.input.message);
  select(firstRow(), performance.now());
  if (state.input.ok) pollOverview();
}

const firstRow = () => store.listed.find((row) => !store.value("judged", row)) ?? store.listed[0] ?? -1;

async function pollOverview() {
  const index = state.index, site = siteShown();
  if (!site) return;
  const row = store.bySite.get(site)?.[0];
  const channel = row === undefined ? "" : store.value("channel", row) ?? "";
  for (;;) {
    let found;
    try { found = await getJson(`api/${index}/overview?${new URLSearchParams({ site, channel })}`); } catch { return; }
    if (index !== state.index || site !== siteShown()) return;
    state.envelope = found;
    drawStrip();
    if (found.done) return;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

const siteShown = () => (state.row >= 0 ? store.value("site", state.row) : store.filter.site || store.sites()[0]);

// ---- the list ------------------------------------------------------------------------------

function refilter({ keep = false } = {}) {
  const key = state.row >= 0 ? store.key(state.row) : null;
  store.list(keep ? store.listedKeys() : new Set());
  list.refresh();
  drawSide();
  if (key !== null) {
    state.row = store.rows.get(key) ?? -1;
    if (!store.places.has(state.row) && !keep) select(store.listed[0] ?? -1, performance.now());
    else list.select(state.row);
  }
}

function drawSide() {
  const s = store.summary, f = store.filter;
  const line = (site, i) => element("tr", { "aria-selected": String(f.site === site) },
    element("td", {}, element("button", { "aria-pressed": String(f.site === site), title: site || "all sites", onclick: () => chooseSite(site) }, site || "all sites")),
    element("td", { class: "num", title: i < 0 ? "" : rate(s, i) }, i < 0 ? "" : number(s.rate_per_min[i])),
    element("td", { class: "num" }, i < 0 ? "" : number(s.rate_per_min_detected[i])),
    element("td", { class: "num" }, i < 0 ? String(store.nJudged()) : String(s.n_judged[i])));
  const focused = document.activeElement?.closest?.("#sites") ? document.activeElement.title : null;
  $("sites").tBodies[0].replaceChildren(...(s.site.length > 1 ? [line("", -1)] : []), ...s.site.map(line));
  if (focused !== null) [...$("sites").querySelectorAll("button")].find((b) => b.title === focused)?.focus();
  drawChips();
  drawProgress();
  const units = store.units(f.site);
  $("unit-filter").replaceChildren(element("option", { value: "" }, "any"), ...units.map(([unit, n]) => element("option", { value: unit ?? "none" }, `${unit ?? "none"} (${n})`)));
  $("unit-filter").value = f.unit;
}

function drawChips() {
  const f = store.filter, counts = store.verdictCounts(f.site);
  const focused = document.activeElement?.dataset?.verdict;
  $("verdicts").replaceChildren(...state.desk.verdicts.filter((v) => counts[v]).map((verdict) => element(
    "button", { "aria-pressed": String(!f.verdicts || f.verdicts.has(verdict)), "data-verdict": verdict, title: `Only ${verdict}: click with Shift`, onclick: (e) => chooseVerdict(verdict, e.shiftKey, counts) },
    badge(verdict), ` ${verdict} ${counts[verdict]}`)));
  if (focused) $("verdicts").querySelector(`[data-verdict="${focused}"]`)?.focus();
  $("count").textContent = store.listed.length === store.n ? `${store.n}` : `${store.listed.length} of ${store.n}`;
}

function drawProgress() {
  const judged = store.nJudged(), bar = $("progress"), a = store.agreement;
  bar.setAttribute("aria-valuenow", store.n ? Math.round((100 * judged) / store.n) : 100);
  bar.firstElementChild.style.width = `${store.n ? (100 * judged) / store.n : 100}%`;
  bar.lastElementChild.textContent = `${judged} of ${store.n} judged`;
  $("agreement").textContent = a.n ? `agreement ${percent(a.share)} of ${a.n}` : "";
  $("undo").disabled = !store.nDecisions;
}

function chooseSite(site) {
  Object.assign(store.filter, { site, unit: "" });
  refilter();
}

function chooseVerdict(verdict, only, counts) {
  const f = store.filter, all = Object.keys(counts);
  const now = f.verdicts ?? new Set(all);
  if (only) f.verdicts = new Set([verdict]);
  else { f.verdicts = new Set(now); if (!f.verdicts.delete(verdict)) f.verdicts.add(verdict); }
  if (all.every((v) => f.verdicts.has(v))) f.verdicts = null;
  refilter();
}

function resetFilter() {
  Object.assign(store.filter, { verdicts: null, unit: "", state: "", low: null, high: null, uncertainty: 0 });
  for (const id of ["state-filter", "amplitude-low", "amplitude-high"]) $(id).value = "";
  $("uncertainty").value = "0";
  refilter();
}

// ---- showing a potential -------------------------------------------------------------------

function select(row, stamp = performance.now()) {
  const before = siteShown();
  state.row = row;
  view.offset = 0;
  list.select(row);
  drawFacts();
  leaveMode();
  if (siteShown() !== before || !strip.scene) { state.envelope = null; drawStrip(); if (state.input.ok) pollOverview(); }
  return show(stamp);
}

function drawFacts() {
  const e = store.events, row = state.row;
  if (row < 0) { $("facts").replaceChildren(element("span", { class: "quiet" }, store.n ? "No potential is selected." : "Nothing was detected in this recording; press i to add a potential.")); return; }
  const was = store.changed(row) || e.added[row] ? ` (${e.added[row] ? "added" : `detected: ${e.verdict_detected[row]}`})` : e.judged[row] ? " (confirmed)" : "";
  const fact = (name, text) => element("span", {}, element("span", { class: "quiet" }, `${name} `), text);
  const uncertain = store.uncertainty(row);
  $("facts").replaceChildren(
    element("div", {},
      element("span", {}, badge(e.verdict[row]), " ", element("b", {}, e.verdict[row]), element("span", { class: "quiet" }, was)),
      fact("site", e.site[row]), fact("on", e.channel[row] ?? "–"), fact("at", clock(e.peak_s[row])), fact("unit", e.unit[row] ?? "none"),
      ...(e.outside[row] ? [element("b", {}, "in excluded time: not counted")] : [])),
    element("div", {},
      fact("size", microvolts(e.amplitude_uv[row])), fact("SNR", number(e.snr[row])),
      fact("lasts", e.duration[row] === null ? "–" : `${(1000 * e.duration[row]).toFixed(1)} ms`),
      ...(uncertain === null ? [] : [fact("score", `${number(e.score[row])} (threshold ${number(e.threshold[row])})`)]),
      element("span", { class: "why", title: e.why[row] ?? "" }, e.why[row] ?? "")));
}

const zero = () => (state.row >= 0 ? store.value("peak_s", state.row) : 0);
function range(row = state.row) {
  const centre = (row >= 0 ? store.value("peak_s", row) : view.width / 2) + (row === state.row ? view.offset : 0);
  return [centre - view.width / 2, centre + view.width / 2];
}

function query(row) {
  const [startS, stopS] = range(row);
  return { site: row >= 0 ? store.value("site", row) : siteShown(), channel: (row >= 0 && store.value("channel", row)) || "", start: startS, stop: stopS, at: row >= 0 ? store.value("peak_s", row) : startS + view.width / 2,
    channels: $("channels").value, low: $("low").value, columns: 3 * chart.columns };
}

function fetchSignal(row) {
  const asked = query(row), key = JSON.stringify(asked);
  if (!signals.has(key)) {
    if (signals.size > 48) signals.delete(signals.keys().next().value);
    const promise = getSignal(state.index, asked);
    promise.catch(() => signals.delete(key));
    signals.set(key, promise);
  }
  return signals.get(key);
}

async function show(stamp = performance.now()) {
  const turn = ++state.shown, row = state.row, [startS, stopS] = range();
  if (!siteShown()) return;
  strip.where({ start: startS, end: stopS });
  $("width").textContent = view.width < 1 ? `${view.width * 1000} ms` : `${view.width} s`;
  if (!state.input.ok) { withoutSignal(startS, stopS); return; }
  let signal;
  try {
    signal = await fetchSignal(row);
  } catch (error) {
    if (error instanceof Gone) report(error);
    else chart.say(error.message);
    return;
  }
  if (turn !== state.shown) return;
  chart.say("");
  paint(signal, startS, stopS);
  requestAnimationFrame(() => {
    performance.measure("event-shown", { start: stamp, end: performance.now(), detail: { row } });
    $("chart").dataset.row = row;
    $("chart").dataset.shown = String(turn);
    prefetch(row);
    drawCloseUp(row);
  });
}

function paint(signal, startS, stopS) {
  const site = siteShown(), e = store.excluded;
  if (view.laneUv === null || !$("lock").checked) view.laneUv = laneFor(signal);
  const laneUv = view.laneUv / view.gain;
  const excluded = e.site.map((name, i) => ({ site: name, onset: e.onset[i], duration: e.duration[i], reason: e.reason[i], by: e.by[i] }))
    .filter((span) => span.site === site && span.onset < stopS && span.onset + span.duration > startS);
  chart.draw({ zero: view.width > 2 ? Math.floor(zero()) : zero(), start: startS, stop: stopS, signal, laneUv, showRaw: $("raw").checked, row: state.row, store, site, excluded });
  $("mains").textContent = signal.mains_hz ? `mains ${Math.round(signal.mains_hz)} Hz taken out` : "";
  $("gain").textContent = `${Number(laneUv.toPrecision(2))} µV/lane`;
  $("chart").setAttribute("aria-label", `Signal of ${signal.channels.length} channel${signal.channels.length > 1 ? "s" : ""} of ${site}, ${clock(startS)} to ${clock(stopS)}, ${store.between(site, startS, stopS).length} potentials`);
}

// A lane holds the largest deflection near the potential, in steps of 1, 2, 5
function laneFor(signal) {
  const near = zero() + view.offset, reach = Math.min(view.width / 2, 0.05);
  const first = Math.max(0, Math.floor((near - reach - signal.start_s) / signal.step_s));
  const last = Math.min(signal.n_columns, Math.ceil((near + reach - signal.start_s) / signal.step_s));
  let largest = 0;
  for (const trace of signal.filtered) for (let i = first; i < last; i++) { const v = Math.abs(trace[i]); if (v > largest) largest = v; }
  const noise = Math.max(...signal.noise_uv.map((v) => v ?? 0));
  return niceStep(Math.max(1.7 * largest, 8 * noise, 0.5));
}

function withoutSignal(startS, stopS) {
  const n = 2, flat = new Float32Array(n).fill(NaN);
  const channel = (state.row >= 0 && store.value("channel", state.row)) || siteShown();
  paint({ start_s: startS, step_s: (stopS - startS) / (n - 1), n_columns: n, channels: [channel], filtered: [flat], raw: [flat], noise_uv: [null] }, startS, stopS);
  chart.say(state.input.message || "No signal.");
  closeUp.clear("No signal");
}

function prefetch(row) {
  const place = store.places.get(row);
  if (place === undefined || view.width > 10) return;
  const offset = view.offset;
  for (const step of [1, -1, 2]) {
    const other = store.listed[place + step];
    if (other !== undefined) { view.offset = offset && other === row ? offset : 0; fetchSignal(other).catch(() => {}); }
  }
  view.offset = offset;
}

async function drawCloseUp(row) {
  if (row < 0 || !$("closeup").offsetParent) return;
  const e = store.events, unit = e.unit[row];
  const asked = { site: e.site[row], channel: e.channel[row] ?? "", unit: unit ?? "", at: e.peak_s[row], low: $("low").value };
  const key = JSON.stringify(asked);
  if (!shapesKnown.has(key)) {
    if (shapesKnown.size > 200) shapesKnown.clear();
    try { shapesKnown.set(key, await getJson(`api/${state.index}/shapes?${new URLSearchParams(asked)}`)); } catch { return; }
  }
  if (row !== state.row) return;
  const shapes = shapesKnown.get(key), n = shapes.others.length;
  closeUp.draw(shapes, `µV on ${asked.channel}, ${unit === null ? "no unit" : `unit ${unit}${n ? `, over ${n} others of it` : ""}`}`);
}

function drawStrip() {
  const e = store.excluded, site = siteShown();
  const ends = [...state.input.segments.map(([, stop]) => stop), ...store.summary.recorded_s.map((s) => s ?? 0)];
  const last = Math.max(1, ...ends, ...(store.n ? [store.events.peak_s.reduce((a, b) => Math.max(a, b), 0)] : []));
  strip.set({ store, site, stop: last, envelope: state.envelope,
    excluded: e.site.map((name, i) => ({ site: name, onset: e.onset[i], duration: e.duration[i] })).filter((span) => span.site === site) });
  const counts = store.verdictCounts(site), n = Object.values(counts).reduce((a, b) => a + b, 0);
  $("strip").setAttribute("aria-label", `The whole recording, ${clock(last, 0)}: ${n} potentials at ${site}, ${counts[COUNTED] ?? 0} counted. Click or press g to go to a time.`);
}

// ---- going about ---------------------------------------------------------------------------

function step(n, stamp) {
  const place = store.places.get(state.row) ?? (n > 0 ? -1 : 0);
  const next = Math.min(store.listed.length - 1, Math.max(0, place + n));
  const row = store.listed[next];
  if (row === undefined) return;
  if (row === state.row && Math.abs(n) === 1) toast(n > 0 ? "That is the last of the list." : "That is the first of the list.");
  else select(row, stamp);
}

function nextOpen(stamp) {
  const place = store.places.get(state.row) ?? -1, n = store.listed.length;
  for (let k = 1; k <= n; k++) {
    const row = store.listed[(place + k) % n];
    if (!store.value("judged", row)) { select(row, stamp); return; }
  }
  toast("All potentials of the list are judged.");
}

function goTo(time, stamp) {
  const site = siteShown(), row = store.nearest(store.listed.filter((r) => store.value("site", r) === site), time);
  if (row < 0) { toast("No potential of this site is in the list."); return; }
  if (Math.abs(store.value("peak_s", row) - time) < view.width / 2) { select(row, stamp); return; }
  select(row, stamp);
  view.offset = time - store.value("peak_s", row);
  show(stamp);
}

function pan(share) { view.offset += share * view.width; show(); }
function zoom(n) {
  const at = WIDTHS.findIndex((w) => w >= view.width - 1e-9);
  view.width = WIDTHS[Math.min(WIDTHS.length - 1, Math.max(0, at + n))];
  show();
}
function enlarge(n) { view.gain = Math.min(64, Math.max(1 / 64, view.gain * 2 ** (n / 2))); show(); }

// ---- deciding ------------------------------------------------------------------------------

async function send(body) {
  let answer;
  try {
    answer = await postJson(`api/${state.index}/decide`, body);
  } catch (error) {
    if (error instanceof Refused && error.status === 409 && error.answer.events) takeTables(error.answer);
    if (error instanceof Refused && error.answer.peak_s !== undefined) {
      const row = store.rows.get(keyOf(body.site, error.answer.peak_s));
      if (row !== undefined) select(row);
    }
    throw error;
  }
  if (answer.row) {
    const row = store.takeRow(answer.row);
    store.take(answer);
    list.redraw(row);
    drawSide();
  } else {
    takeTables(answer);
  }
  clearTimeout(numbersTimer);
  numbersTimer = setTimeout(() => { drawStrip(); refreshNumbers(); }, 150);
  return answer;
}
let numbersTimer = 0;

// The rates take longer than a decision; nobody waits for them.
async function refreshNumbers() {
  const index = state.index, turn = ++state.counted;
  let found;
  try { found = await getJson(`api/${index}/numbers`); } catch { return; }
  if (index !== state.index || turn !== state.counted) return;
  store.take(found);
  drawSide();
  if ($("numbers-dialog").open) fillNumbers($("numbers"), store, takeBack);
}

function takeTables(answer) {
  const key = state.row >= 0 ? store.key(state.row) : null, keys = store.listedKeys();
  store.take(answer);
  store.list(keys);
  state.row = key === null ? -1 : store.rows.get(key) ?? -1;
  list.refresh();
  list.select(state.row);
  drawSide();
}

function decideVerdict(now, stamp) {
  const row = state.row;
  if (row < 0) { toast("Select a potential first."); return null; }
  const e = store.events;
  return later(async () => {
    await send({ what: "verdict", site: e.site[row], peak_s: e.peak_s[row], was: e.verdict[row], now });
    shapesKnown.clear();
    announce(now === COUNTED ? "Accepted" : `Rejected: ${now}`);
    const place = store.places.get(row);
    if ($("advance").checked && place < store.listed.length - 1) await select(store.listed[place + 1], stamp);
    else { drawFacts(); await show(stamp); }
  });
}

function announce(text) { if (!$("advance").checked || state.mode) toast(text); else $("mode").dataset.last = text; }

const rejections = () => state.desk.verdicts.filter((verdict) => verdict !== COUNTED);

const reject = (stamp, again = false) => asking(() => askAndReject(stamp, again));
async function askAndReject(stamp, again) {
  if (state.row < 0) { toast("Select a potential first."); return; }
  const verdict = store.value("verdict", state.row);
  const reason = again && state.reason ? state.reason : await askReason(rejections(), verdict === COUNTED ? state.reason || "pop" : verdict);
  if (!reason) return;
  state.reason = reason;
  await decideVerdict(reason, again ? stamp : performance.now());
}

const changeUnit = () => asking(askAndChangeUnit);
async function askAndChangeUnit() {
  const row = state.row;
  if (row < 0) { toast("Select a potential first."); return; }
  const e = store.events, answer = await askUnit(store.units(e.site[row]), e.unit[row]);
  if (answer === null || answer === String(e.unit[row] ?? "")) return;
  await later(async () => {
    await send({ what: "unit", site: e.site[row], peak_s: e.peak_s[row], was: String(e.unit[row] ?? ""), now: answer });
    shapesKnown.clear();
    drawFacts();
    toast(answer ? `Unit ${answer}` : "No unit");
    await show();
  });
}

function undo(what = "undo") {
  return later(async () => {
    const answer = await send({ what });
    shapesKnown.clear();
    const row = store.rows.get(keyOf(answer.decision.site, answer.decision.peak_s));
    toast(what === "undo" ? "Undone" : "Done again");
    if (row !== undefined) { if (!store.places.has(row)) refilterWith(row); await select(row); } else { if (state.row < 0) state.row = store.listed[0] ?? -1; drawFacts(); await show(); }
  });
}

function refilterWith(row) {
  store.list(store.listedKeys().add(store.key(row)));
  list.refresh();
  drawChips();
}

// ---- adding and excluding --------------------------------------------------------------------

const MODES = {
  add: "Adding: click on the signal, or move the line with ← → (Shift: faster) and press Enter. The peak within 15 ms is taken. Esc leaves.",
  span: "Excluding: drag over the signal, or move the line with ← → and press Enter at start and end. Esc leaves.",
};

function enterMode(mode) {
  if (state.mode === mode) { leaveMode(); return; }
  leaveMode();
  state.mode = mode;
  $("mode").textContent = MODES[mode];
  $("mode").hidden = false;
  $("add").setAttribute("aria-pressed", String(mode === "add"));
  $("span").setAttribute("aria-pressed", String(mode === "span"));
  $("chart").classList.add("pointing");
  chart.setCursor(zero() + view.offset);
}

function leaveMode() {
  if (!state.mode) return;
  state.mode = "";
  $("mode").hidden = true;
  for (const id of ["add", "span"]) $(id).setAttribute("aria-pressed", "false");
  $("chart").classList.remove("pointing");
  chart.setCursor(null);
}

function moveCursor(direction, fast) {
  const time = chart.cursorTime + direction * view.width * (fast ? 0.05 : 0.002);
  const [startS, stopS] = range();
  chart.setCursor(time, chart.spanStart);
  $("mode").textContent = `${MODES[state.mode]} At ${clock(time)}.`;
  if (time < startS || time > stopS) { view.offset += direction * view.width * 0.5; show(); }
}

function enterAtCursor() {
  if (state.mode === "add") return addAt(chart.cursorTime);
  if (chart.spanStart === null) { chart.setCursor(chart.cursorTime, chart.cursorTime); return null; }
  return exclude(chart.spanStart, chart.cursorTime);
}

function addAt(time) {
  const site = siteShown();
  return later(async () => {
    const answer = await send({ what: "add", site, time_s: time });
    const row = store.rows.get(keyOf(site, answer.decision.peak_s));
    if (!store.places.has(row)) refilterWith(row);
    await select(row);
    toast("Added");
  });
}

const exclude = (from, to) => asking(() => askAndExclude(from, to));
async function askAndExclude(from, to) {
  const onset = Math.max(0, Math.min(from, to)), duration = Math.max(from, to) - onset, site = siteShown();
  if (!(duration > 0)) return;
  const answer = await askSpan(state.desk.reasons, `${site}, ${clock(onset)} to ${clock(onset + duration)} (${duration.toFixed(3)} s)`, state.spanReason);
  leaveMode();
  if (!answer) return;
  state.spanReason = answer.reason;
  await later(async () => {
    await send({ what: "exclude", site: answer.everywhere ? "" : site, onset, duration, now: answer.reason });
    toast("Excluded");
    drawFacts();
    await show();
  });
}

function takeBack(i) {
  const e = store.excluded, site = e.site[i];
  const twins = e.site.filter((_, k) => e.by[k] === "reviewer" && e.onset[k] === e.onset[i] && e.duration[k] === e.duration[i]);
  return later(async () => {
    const everywhere = twins.length === store.sites().length && twins.length > 1;
    await send({ what: "include", site: everywhere ? "" : site, onset: e.onset[i], duration: e.duration[i], was: e.reason[i] });
    fillNumbers($("numbers"), store, takeBack);
    drawFacts();
    await show();
  });
}

let dragging = false;
function down(time) {
  if (state.mode !== "span") return;
  dragging = true;
  chart.setCursor(time, time);
}
function move(time) { if (state.mode) chart.setCursor(time, dragging || chart.spanStart !== null ? chart.spanStart : null); }
function up(time, row, event) {
  if (state.mode === "add") addAt(time);
  else if (state.mode === "span" && dragging) { dragging = false; if (Math.abs(time - chart.spanStart) > 0.002) exclude(chart.spanStart, time); }
  else if (row >= 0) { if (!store.places.has(row)) refilterWith(row); select(row, event.timeStamp); }
}
function wheel(event) {
  if (event.ctrlKey) zoom(event.deltaY > 0 ? 1 : -1);
  else pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
}

// ---- keys ------------------------------------------------------------------------------------

function cycle(id) {
  const box = $(id);
  box.selectedIndex = (box.selectedIndex + 1) % box.options.length;
  box.dispatchEvent(new Event("change"));
}
function numbers() { fillNumbers($("numbers"), store, takeBack); showDialog("numbers-dialog"); }
async function askGoTo() {
  const text = await askTime(), time = text === null ? null : seconds(text);
  if (text !== null && time === null) toast("That is no time: give seconds, or m:ss.");
  if (time !== null) goTo(time);
}
function theme() {
  const root = document.documentElement, dark = root.dataset.theme !== "dark";
  try { localStorage.setItem("emgdetect-theme", dark ? "dark" : "light"); } catch { /* private window */ }
  setTheme(dark);
}
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  forgetColours();
  if (state.desk) { list.refresh(); list.select(state.row); drawChips(); drawFacts(); fillHelp(); drawStrip(); }
  chart.restyle();
  closeUp.restyle();
}

const PLAIN = {
  ArrowDown: (e) => step(1, e.timeStamp), j: (e) => step(1, e.timeStamp), ArrowUp: (e) => step(-1, e.timeStamp), k: (e) => step(-1, e.timeStamp),
  PageDown: (e) => step(10, e.timeStamp), PageUp: (e) => step(-10, e.timeStamp), Home: (e) => step(-1e9, e.timeStamp), End: (e) => step(1e9, e.timeStamp),
  n: (e) => nextOpen(e.timeStamp), a: (e) => decideVerdict(COUNTED, e.timeStamp), r: (e) => reject(e.timeStamp), R: (e) => reject(e.timeStamp, true),
  u: () => changeUnit(), i: () => enterMode("add"), x: () => enterMode("span"), z: () => undo(), Z: () => undo("redo"), y: () => undo("redo"),
  ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), ".": () => { view.offset = 0; show(); },
  "+": () => zoom(-1), "=": () => zoom(-1), "-": () => zoom(1), l: () => $("lock").click(), f: () => cycle("low"), o: () => $("raw").click(), c: () => cycle("channels"),
  g: () => askGoTo(), "/": () => ($("verdicts").querySelector("button") ?? $("order")).focus(), m: numbers, t: theme, "?": () => showDialog("help-dialog"), Escape: () => leaveMode(),
};
const SHIFTED = { ArrowUp: () => enlarge(1), ArrowDown: () => enlarge(-1), ArrowLeft: () => pan(-1), ArrowRight: () => pan(1) };

function taskOf(event) {
  if (event.ctrlKey || event.metaKey) return { z: () => undo(event.shiftKey ? "redo" : "undo"), Z: () => undo("redo"), y: () => undo("redo") }[event.key];
  if (state.mode && ["ArrowLeft", "ArrowRight"].includes(event.key)) return () => moveCursor(event.key === "ArrowLeft" ? -1 : 1, event.shiftKey);
  if (state.mode && event.key === "Enter") return enterAtCursor;
  return (event.shiftKey && SHIFTED[event.key]) || PLAIN[event.key];
}
const act = (event) => taskOf(event)?.(event);

function onKey(event) {
  if (document.querySelector("dialog[open]") || event.altKey || !store.summary) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") $("events").focus();
    return;
  }
  const ahead = busy > 0 || keysWaiting.length > 0;
  if (!taskOf(event) && !(ahead && !event.ctrlKey && !event.metaKey && /^(.|Enter|Escape)$/.test(event.key))) return;
  event.preventDefault();
  if (ahead) keysWaiting.push(event); else act(event);
}

function listen() {
  document.addEventListener("keydown", onKey);
  const click = (id, task) => $(id).addEventListener("click", (e) => task(e));
  click("previous", (e) => step(-1, e.timeStamp)); click("next", (e) => step(1, e.timeStamp));
  click("accept", (e) => decideVerdict(COUNTED, e.timeStamp)); click("reject", (e) => reject(e.timeStamp)); click("unit", changeUnit);
  click("add", () => enterMode("add")); click("span", () => enterMode("span")); click("undo", () => undo());
  click("wider", () => zoom(1)); click("narrower", () => zoom(-1)); click("smaller", () => enlarge(-1)); click("larger", () => enlarge(1));
  click("numbers-button", numbers); click("help-button", () => showDialog("help-dialog")); click("theme-button", theme); click("filter-reset", resetFilter);
  const change = (id, task) => $(id).addEventListener("change", (e) => task(e.target.value, e));
  change("recording", (value) => load(Number(value)).catch(report));
  change("unit-filter", (value) => { store.filter.unit = value; refilter(); });
  change("state-filter", (value) => { store.filter.state = value; refilter(); });
  change("order", (value) => { store.filter.order = value; refilter(); });
  change("uncertainty", (value) => { store.filter.uncertainty = Number(value); refilter(); });
  const limit = (id, name) => change(id, (value) => { store.filter[name] = value === "" ? null : Number(value); refilter(); });
  limit("amplitude-low", "low"); limit("amplitude-high", "high");
  for (const id of ["low", "raw", "channels", "lock"]) change(id, () => show());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (e) => setTheme(e.matches));
}

function savedTheme() {
  try { return localStorage.getItem("emgdetect-theme"); } catch { return null; }
}

setTheme((savedTheme() ?? (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
listen();
start().catch((error) => { report(error); if (!(error instanceof Gone)) banner(`The page could not be filled: ${error.message}`, true); });
