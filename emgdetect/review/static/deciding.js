// Accept, reject, change the unit, undo: keys and clicks become decisions on the selected potential.

import { askReason, askUnit } from "./dialogs.js";
import { drawFacts } from "./facts.js";
import { COUNTED } from "./looks.js";
import { $, toast } from "./page.js";
import { asking, later } from "./queue.js";
import { send } from "./saving.js";
import { select, show } from "./showing.js";
import { listToo } from "./side.js";
import { state, store } from "./state.js";
import { keyOf } from "./store.js";

let lastReason = "";

function selected() {
  if (state.row < 0) toast("Select a potential first.");
  return state.row;
}

const subject = (row) => ({ site: store.events.site[row], peak_s: store.events.peak_s[row] });

export function decideVerdict(now, stamp) {
  const row = selected();
  if (row < 0) return null;
  return later(async () => {
    await send({ what: "verdict", ...subject(row), was: store.events.verdict[row], now });
    const next = store.listed[store.places.get(row) + 1];
    if ($("advance").checked && next !== undefined) { await select(next, stamp); return; }
    toast(now === COUNTED ? "Accepted" : `Rejected: ${now}`);
    drawFacts();
    await show(stamp);
  });
}

export const accept = (stamp) => decideVerdict(COUNTED, stamp);
export const reject = (stamp) => asking(() => askAndReject(stamp));
export const rejectAgain = (stamp) => (lastReason ? decideVerdict(lastReason, stamp) : reject(stamp));

async function askAndReject() {
  const row = selected();
  if (row < 0) return;
  const verdict = store.value("verdict", row);
  const offered = state.desk.verdicts.filter((name) => name !== COUNTED);
  const reason = await askReason(offered, verdict === COUNTED ? lastReason || "noise" : verdict);
  if (!reason) return;
  lastReason = reason;
  await decideVerdict(reason, performance.now());
}

export const changeUnit = () => asking(askAndChangeUnit);

async function askAndChangeUnit() {
  const row = selected();
  if (row < 0) return;
  const was = String(store.value("unit", row) ?? "");
  const now = await askUnit(store.units(store.value("site", row)), was);
  if (now === null || now === was) return;
  await later(async () => {
    await send({ what: "unit", ...subject(row), was, now });
    drawFacts();
    toast(now ? `Unit ${now}` : "No unit");
    await show();
  });
}

export const undo = () => takeStep("undo", "Undone");
export const redo = () => takeStep("redo", "Done again");

function takeStep(what, word) {
  return later(async () => {
    const { decision } = await send({ what });
    toast(word);
    const row = store.rows.get(keyOf(decision.site, decision.peak_s));
    if (row === undefined) { await showWhatIsLeft(); return; }
    listToo(row);
    await select(row);
  });
}

async function showWhatIsLeft() {
  if (state.row < 0) { await select(store.listed[0] ?? -1); return; }
  drawFacts();
  await show();
}
