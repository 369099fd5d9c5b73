// Small questions: each returns a promise of the answer, null if left with Escape.

import { element, LETTERS, NAMES, badge } from "./looks.js";

const $ = (id) => document.getElementById(id);

function ask(dialog, focus) {
  return new Promise((resolve) => {
    const opener = document.activeElement;
    let answer = null;
    dialog.answer = (value) => { answer = value; dialog.close(); };
    dialog.addEventListener("close", () => { opener?.focus?.({ preventScroll: true }); resolve(answer); }, { once: true });
    dialog.showModal();
    focus?.focus();
    focus?.select?.();
  });
}

// Buttons that a number or the bold letter chooses
function choices(dialog, box, names, initial) {
  box.replaceChildren(...names.map((name, i) => element(
    "button",
    { type: "button", "data-name": name, onclick: () => dialog.answer(name) },
    element("kbd", {}, String(i + 1)), " ", LETTERS[name] ? badge(name) : "", ` ${NAMES[name] ?? name}`,
  )));
  dialog.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT" && event.target.type !== "checkbox") return;
    const buttons = [...box.children], at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); buttons[(at + step + buttons.length) % buttons.length].focus(); return; }
    const letter = event.key.toUpperCase();
    const name = names[Number(event.key) - 1] ?? (LETTERS[names[0]] ? names.find((n) => LETTERS[n] === letter) : undefined);
    if (name) { event.preventDefault(); dialog.answer(name); }
    if (letter === "S" && $("span-all") && dialog.id === "span-dialog") $("span-all").click();
  };
  return [...box.children].find((b) => b.dataset.name === initial) ?? box.firstChild;
}

export function askReason(verdicts, last) {
  const dialog = $("reject-dialog");
  return ask(dialog, choices(dialog, $("reject-choices"), verdicts, last));
}

export function askUnit(units, current) {
  const dialog = $("unit-dialog"), input = $("unit-input");
  const largest = Math.max(0, ...units.map(([unit]) => unit ?? 0));
  input.value = current ?? "";
  const offered = [...units.filter(([unit]) => unit !== null).slice(0, 11).map(([unit, n]) => [String(unit), `unit ${unit} (${n})`]),
    [String(largest + 1), `new unit ${largest + 1}`], ["", "no unit"]];
  $("unit-choices").replaceChildren(...offered.map(([value, label]) => element("button", { type: "button", onclick: () => dialog.answer(value) }, label)));
  const form = dialog.querySelector("form");
  form.onsubmit = (event) => { if (event.submitter?.value !== "cancel") { event.preventDefault(); dialog.answer(input.value); } };
  input.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); if (input.checkValidity()) dialog.answer(input.value); else input.reportValidity(); } };
  return ask(dialog, input);
}

export async function askSpan(reasons, text, last) {
  const dialog = $("span-dialog");
  $("span-text").textContent = text;
  $("span-all").checked = false;
  const reason = await ask(dialog, choices(dialog, $("span-choices"), reasons, last));
  return reason && { reason, everywhere: $("span-all").checked };
}

export function askTime() {
  const dialog = $("goto-dialog"), input = $("goto-input");
  input.value = "";
  input.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); dialog.answer(input.value); } };
  dialog.querySelector("form").onsubmit = (event) => { if (event.submitter?.value === "ok") { event.preventDefault(); dialog.answer(input.value); } };
  return ask(dialog, input);
}

export const showDialog = (id) => ask($(id), $(id).querySelector("form button"));

const KEYS = [
  ["↓ j or ↑ k", "next, previous potential of the list"],
  ["n", "next one not judged yet"],
  ["PgDn PgUp Home End", "ten on, ten back, first, last"],
  ["g", "go to a time"],
  ["a", "accept: it is a fasciculation"],
  ["r", "reject: choose what it is"],
  ["Shift R", "reject for the last reason again"],
  ["u", "change its unit"],
  ["i", "add a potential: click, or ← → and Enter"],
  ["x", "exclude a span: drag, or ← → and Enter twice"],
  ["z or Shift Z", "undo, redo (also Ctrl Z, Ctrl Y)"],
  ["← →", "move along the signal (Shift: a whole window)"],
  [".", "back to the potential"],
  ["+ −", "less or more time"],
  ["Shift ↑ ↓", "larger or smaller traces"],
  ["l", "keep the scale from potential to potential"],
  ["f", "band of the filter"],
  ["o", "raw signal under the filtered one"],
  ["c", "more or fewer channels"],
  ["/", "go to the filters"],
  ["m", "numbers: rates and agreement"],
  ["t", "light or dark"],
  ["Esc", "leave adding, excluding or a dialog"],
];

export function fillHelp() {
  const parts = KEYS.map(([keys, text]) => element("div", {}, element("span", {}, ...keys.split(" ").map((key) => (/^(or|and)$/.test(key) ? `${key} ` : element("kbd", {}, key)))), element("span", {}, text)));
  const marks = Object.entries(LETTERS).flatMap(([name]) => [badge(name), ` ${name}  `]);
  document.getElementById("help").replaceChildren(
    element("div", { class: "keys" }, ...parts),
    element("p", {}, ...marks),
    element("p", { class: "quiet" }, "Filled: counted. ✓ confirmed, ✎ changed, + added. Every decision is appended to reviewed.tsv at once; events.tsv stays as detected; summary_reviewed.tsv follows. Uncertainty is threshold over score: 100 % lies on the threshold. The wheel moves along the signal, with Ctrl it zooms."),
  );
}
