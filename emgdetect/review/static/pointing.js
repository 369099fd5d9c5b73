// On the signal, by mouse or keys: choose a neighbour, add a potential, exclude a span.

import { askSpan } from "./dialogs.js";
import { drawFacts } from "./facts.js";
import { clock } from "./looks.js";
import { leaveMode, sayMode } from "./mode.js";
import { toast } from "./page.js";
import { asking, later } from "./queue.js";
import { send } from "./saving.js";
import { select, show } from "./showing.js";
import { listToo } from "./side.js";
import { chart, range, siteShown, state, store, view } from "./state.js";
import { keyOf } from "./store.js";

const SHORTEST_DRAG_S = 0.002;
let dragging = false, lastReason = "motion";

export function moveCursor(direction, fast) {
  const time = chart.cursorTime + direction * view.width * (fast ? 0.05 : 0.002);
  const [start, stop] = range();
  chart.setCursor(time, chart.spanStart);
  sayMode(`At ${clock(time)}.`);
  if (time >= start && time <= stop) return;
  view.offset += direction * view.width * 0.5;
  show();
}

export function enterAtCursor() {
  if (state.mode === "add") addAt(chart.cursorTime);
  else if (chart.spanStart === null) chart.setCursor(chart.cursorTime, chart.cursorTime);
  else exclude(chart.spanStart, chart.cursorTime);
}

function addAt(time) {
  const site = siteShown();
  return later(async () => {
    const { decision } = await send({ what: "add", site, time_s: time });
    const row = store.rows.get(keyOf(site, decision.peak_s));
    listToo(row);
    await select(row);
    toast("Added");
  });
}

const exclude = (from, to) => asking(() => askAndExclude(Math.max(0, Math.min(from, to)), Math.max(from, to)));

async function askAndExclude(onset, stop) {
  const site = siteShown(), duration = stop - onset;
  if (!(duration > 0)) return;
  const words = `${site}, ${clock(onset)} to ${clock(stop)} (${duration.toFixed(3)} s)`;
  const answer = await askSpan(state.desk.reasons, words, lastReason);
  leaveMode();
  if (!answer) return;
  lastReason = answer.reason;
  await later(async () => {
    await send({ what: "exclude", site: answer.everywhere ? "" : site, onset, duration, now: answer.reason });
    toast(`Excluded: ${answer.reason}`);
    drawFacts();
    await show();
  });
}

export function down(time) {
  if (state.mode !== "span") return;
  dragging = true;
  chart.setCursor(time, time);
}

export function move(time) {
  if (state.mode) chart.setCursor(time, chart.spanStart);
}

export function up(time, row, event) {
  if (state.mode === "add") addAt(time);
  else if (state.mode === "span") drop(time);
  else if (row >= 0) {
    listToo(row);
    select(row, event.timeStamp);
  }
}

function drop(time) {
  if (!dragging) return;
  dragging = false;
  if (Math.abs(time - chart.spanStart) > SHORTEST_DRAG_S) exclude(chart.spanStart, time);
}
