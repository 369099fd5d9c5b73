// Which key does what. Keys pressed while something is saved or asked wait in the queue.

import { accept, changeUnit, redo, reject, rejectAgain, undo } from "./deciding.js";
import { showDialog } from "./dialogs.js";
import { askGoTo, backToPotential, enlarge, goToNextOpen, pan, step, zoom } from "./going.js";
import { enterMode, leaveMode } from "./mode.js";
import { $ } from "./page.js";
import { enterAtCursor, moveCursor } from "./pointing.js";
import { isBusy, keepKey } from "./queue.js";
import { drawNumbers } from "./saving.js";
import { state, store } from "./state.js";
import { changeTheme } from "./theme.js";

const FAR = 1e9;

function cycle(id) {
  const box = $(id);
  box.selectedIndex = (box.selectedIndex + 1) % box.options.length;
  box.dispatchEvent(new Event("change"));
}

export function showNumbers() {
  drawNumbers();
  showDialog("numbers-dialog");
}

const next = (event) => step(1, event.timeStamp), previous = (event) => step(-1, event.timeStamp);

const PLAIN = {
  ArrowDown: next, j: next, ArrowUp: previous, k: previous,
  PageDown: (e) => step(10, e.timeStamp), PageUp: (e) => step(-10, e.timeStamp),
  Home: (e) => step(-FAR, e.timeStamp), End: (e) => step(FAR, e.timeStamp),
  n: (e) => goToNextOpen(e.timeStamp), g: () => askGoTo(),
  a: (e) => accept(e.timeStamp), r: (e) => reject(e.timeStamp), R: (e) => rejectAgain(e.timeStamp),
  u: () => changeUnit(), i: () => enterMode("add"), x: () => enterMode("span"),
  z: () => undo(), Z: () => redo(), y: () => redo(),
  ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), ".": () => backToPotential(),
  "+": () => zoom(-1), "=": () => zoom(-1), "-": () => zoom(1),
  l: () => $("lock").click(), f: () => cycle("low"), o: () => $("raw").click(), c: () => cycle("channels"),
  "/": () => ($("verdicts").querySelector("button") ?? $("order")).focus(),
  m: () => showNumbers(), t: () => changeTheme(), "?": () => showDialog("help-dialog"), Escape: () => leaveMode(),
};
const SHIFTED = { ArrowUp: () => enlarge(1), ArrowDown: () => enlarge(-1), ArrowLeft: () => pan(-1), ArrowRight: () => pan(1) };
const WITH_CONTROL = { z: (e) => (e.shiftKey ? redo() : undo()), Z: () => redo(), y: () => redo() };
const DIRECTIONS = { ArrowLeft: -1, ArrowRight: 1 };

function taskOf(event) {
  if (event.ctrlKey || event.metaKey) return WITH_CONTROL[event.key];
  const direction = state.mode && DIRECTIONS[event.key];
  if (direction) return () => moveCursor(direction, event.shiftKey);
  if (state.mode && event.key === "Enter") return enterAtCursor;
  return (event.shiftKey && SHIFTED[event.key]) || PLAIN[event.key];
}

export const act = (event) => taskOf(event)?.(event);

// What a dialog that is about to open may want: its letters, numbers, Enter and Escape
const mayBeAnswer = (event) => !event.ctrlKey && !event.metaKey && /^(.|Enter|Escape)$/.test(event.key);

export function onKey(event) {
  if (document.querySelector("dialog[open]") || event.altKey || !store.summary) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") $("events").focus();
    return;
  }
  const waits = isBusy();
  if (!taskOf(event) && !(waits && mayBeAnswer(event))) return;
  event.preventDefault();
  if (waits) keepKey(event);
  else act(event);
}
