// Decisions to the server, and what it answers into the tables of the page.

import { getJson, postJson, Refused } from "./api.js";
import { drawFacts } from "./facts.js";
import { forgetShapes } from "./fetching.js";
import { fillNumbers } from "./numbers.js";
import { $ } from "./page.js";
import { later } from "./queue.js";
import { select, show } from "./showing.js";
import { drawSide } from "./side.js";
import { list, state, store } from "./state.js";
import { keyOf } from "./store.js";
import { drawStrip } from "./whole.js";

const SOON_MS = 150;
let timer = 0, counted = 0;

// Resolves when the decision is on the disk and in the tables
export async function send(body) {
  let answer;
  try {
    answer = await postJson(`api/${state.index}/decide`, body);
  } catch (error) {
    if (error instanceof Refused) showWhatStands(error, body);
    throw error;
  }
  if (answer.row) takeRow(answer);
  else takeTables(answer);
  forgetShapes();
  clearTimeout(timer);
  timer = setTimeout(() => { drawStrip(); refreshNumbers(); }, SOON_MS);
  return answer;
}

// Refused because the page was behind: show what is there
function showWhatStands({ status, answer }, { site }) {
  if (status === 409 && answer.events) takeTables(answer);
  const row = answer.peak_s === undefined ? undefined : store.rows.get(keyOf(site, answer.peak_s));
  if (row !== undefined) select(row);
}

function takeRow(answer) {
  const row = store.takeRow(answer.row);
  store.take(answer);
  list.redraw(row);
  drawSide();
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

// The rates take longer than a decision; nobody waits for them.
async function refreshNumbers() {
  const { index } = state, turn = ++counted;
  let found;
  try { found = await getJson(`api/${index}/numbers`); } catch { return; }
  if (index !== state.index || turn !== counted) return;
  store.take(found);
  drawSide();
  if ($("numbers-dialog").open) drawNumbers();
}

export const drawNumbers = () => fillNumbers($("numbers"), store, takeBack);

// A span that the reviewer excluded counts again
function takeBack(i) {
  const e = store.excluded, same = (k) => e.by[k] === "reviewer" && e.onset[k] === e.onset[i] && e.duration[k] === e.duration[i];
  const n = e.site.filter((_, k) => same(k)).length, everywhere = n > 1 && n === store.sites().length;
  return later(async () => {
    await send({ what: "include", site: everywhere ? "" : e.site[i], onset: e.onset[i], duration: e.duration[i], was: e.reason[i] });
    drawNumbers();
    drawFacts();
    await show();
  });
}
