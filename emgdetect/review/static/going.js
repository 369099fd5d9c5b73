// Going about: from potential to potential, along the signal, nearer and farther.

import { askTime } from "./dialogs.js";
import { clock, seconds } from "./looks.js";
import { toast } from "./page.js";
import { select, show } from "./showing.js";
import { siteShown, state, store, view } from "./state.js";
import { lengthS } from "./whole.js";

const WIDTHS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120];
const GAIN_MOST = 64;

export function step(n, stamp) {
  const place = store.places.get(state.row) ?? (n > 0 ? -1 : 0);
  const row = store.listed[Math.min(store.listed.length - 1, Math.max(0, place + n))];
  if (row === undefined) return;
  if (row === state.row && Math.abs(n) === 1) toast(n > 0 ? "That is the last of the list." : "That is the first of the list.");
  else select(row, stamp);
}

export function goToNextOpen(stamp) {
  const row = store.nextOpen(state.row);
  if (row < 0) toast("All potentials of the list are judged.");
  else select(row, stamp);
}

export function goTo(time, stamp) {
  const site = siteShown(), row = store.nearest(store.listed.filter((r) => store.value("site", r) === site), time);
  if (row < 0) { toast("No potential of this site is in the list."); return; }
  select(row, stamp);
  const away = time - store.value("peak_s", row);
  if (Math.abs(away) < view.width / 2) return;
  view.offset = away;
  show(stamp);
}

export async function askGoTo() {
  const text = await askTime();
  if (text === null) return;
  const time = seconds(text);
  if (time === null) toast("That is no time: give seconds, or m:ss.");
  else if (time > lengthS()) toast(`The recording ends at ${clock(lengthS(), 1)}.`);
  else goTo(time);
}

export function pan(share) {
  view.offset += share * view.width;
  show();
}

export function backToPotential() {
  view.offset = 0;
  show();
}

export function zoom(n) {
  const at = WIDTHS_S.findIndex((w) => w >= view.width - 1e-9);
  view.width = WIDTHS_S[Math.min(WIDTHS_S.length - 1, Math.max(0, at + n))];
  show();
}

export function enlarge(n) {
  view.gain = Math.min(GAIN_MOST, Math.max(1 / GAIN_MOST, view.gain * 2 ** (n / 2)));
  show();
}

export function onWheel(event) {
  if (event.ctrlKey) zoom(event.deltaY > 0 ? 1 : -1);
  else pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
}
