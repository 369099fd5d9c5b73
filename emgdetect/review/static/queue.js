// One thing after the other: a key pressed while a decision is saved, or a question open, waits.

let last = Promise.resolve(), busy = 0, put = 0;
let onKey = () => {}, onError = () => {};
const waiting = [];

export function whenFree(handlers) { ({ onKey, onError } = handlers); }

export const isBusy = () => busy > 0 || waiting.length > 0;
export const keepKey = (event) => waiting.push(event);
export const forgetKeys = () => { waiting.length = 0; };

// Do this when what was asked for before is done
export function later(task) {
  busy++;
  document.body.dataset.pending = ++put;
  last = last.then(task).catch(onError).finally(() => { busy--; document.body.dataset.pending = --put; playKeys(); });
  return last;
}

// Ask a person; what it leads to may itself be put off with `later`
export async function asking(question) {
  busy++;
  try { await question(); } catch (error) { onError(error); } finally { busy--; playKeys(); }
}

// Keys typed ahead go to an open dialog, or wait until nothing is being saved or asked
export function playKeys() {
  while (waiting.length) {
    const dialog = document.querySelector("dialog[open]");
    if (!dialog && busy) return;
    const event = waiting.shift();
    if (dialog) typeInto(dialog, event.key);
    else onKey(event);
  }
}

function typeInto(dialog, key) {
  const target = dialog.contains(document.activeElement) ? document.activeElement : dialog;
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}
