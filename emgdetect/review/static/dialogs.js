// Small questions: each returns a promise of the answer, null if left with Escape.

import { badge, element, LETTERS, NAMES, REASONS } from "./looks.js";

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

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

// Buttons that arrows go through and a number chooses; `onKey` may know further keys
function choices(dialog, box, names, { initial, label, onKey }) {
  box.replaceChildren(...names.map((name, i) => element(
    "button",
    { type: "button", "data-name": name, onclick: () => dialog.answer(name) },
    element("kbd", {}, String(i + 1)), " ", ...label(name),
  )));
  dialog.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...box.children], step = STEPS[event.key];
    const name = names[Number(event.key) - 1];
    if (step) buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    else if (name) dialog.answer(name);
    else if (!onKey(event.key.toUpperCase())) return;
    event.preventDefault();
  };
  return [...box.children].find((b) => b.dataset.name === initial) ?? box.firstChild;
}

export function askReason(verdicts, initial) {
  const dialog = $("reject-dialog");
  const byLetter = (letter) => {
    const verdict = verdicts.find((name) => LETTERS[name] === letter);
    if (verdict) dialog.answer(verdict);
    return verdict;
  };
  const label = (verdict) => [badge(verdict), ` ${NAMES[verdict] ?? verdict}`];
  return ask(dialog, choices(dialog, $("reject-choices"), verdicts, { initial, label, onKey: byLetter }));
}

// Enter, also where it comes from the keys typed ahead, which submit nothing by themselves
function onEnter(input, task) {
  input.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    task();
  };
}

function onSubmit(dialog, task) {
  dialog.querySelector("form").onsubmit = (event) => {
    if (event.submitter?.value !== "ok") return;
    event.preventDefault();
    task();
  };
}

export function askUnit(units, current) {
  const dialog = $("unit-dialog"), input = $("unit-input");
  const largest = Math.max(0, ...units.map(([unit]) => unit ?? 0));
  input.value = current ?? "";
  const offered = [...units.filter(([unit]) => unit !== null).slice(0, 11).map(([unit, n]) => [String(unit), `unit ${unit} (${n})`]),
    [String(largest + 1), `new unit ${largest + 1}`], ["", "no unit"]];
  const button = ([value, label]) => element("button", { type: "button", onclick: () => dialog.answer(value) }, label);
  $("unit-choices").replaceChildren(...offered.map(button));
  onSubmit(dialog, () => dialog.answer(input.value));
  onEnter(input, () => { if (input.reportValidity()) dialog.answer(input.value); });
  return ask(dialog, input);
}

export async function askSpan(reasons, text, initial) {
  const dialog = $("span-dialog"), all = $("span-all");
  $("span-text").textContent = text;
  all.checked = false;
  const everySite = (letter) => letter === "S" && (all.click(), true);
  const label = (reason) => [REASONS[reason] ?? reason];
  const reason = await ask(dialog, choices(dialog, $("span-choices"), reasons, { initial, label, onKey: everySite }));
  return reason && { reason, everywhere: all.checked };
}

export function askTime() {
  const dialog = $("goto-dialog"), input = $("goto-input");
  input.value = "";
  onEnter(input, () => dialog.answer(input.value));
  onSubmit(dialog, () => dialog.answer(input.value));
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

const HOW = ["For each potential of the list: ", element("kbd", {}, "a"), " if it is a fasciculation, ", element("kbd", {}, "r"),
  " if it is something else; the page then goes on to the next. Everything is saved at once: close the page whenever you like and come back."];
const NOTES = "Filled: counted. ✓ confirmed, ✎ changed, + added. Decisions are lines of reviewed.tsv; events.tsv stays as detected; "
  + "summary_reviewed.tsv follows. Uncertainty is threshold over score: 100 % lies on the threshold. "
  + "The wheel moves along the signal, with Ctrl it zooms.";

function helpLine([keys, text]) {
  const words = keys.split(" ").map((key) => (/^(or|and)$/.test(key) ? `${key} ` : element("kbd", {}, key)));
  return element("div", {}, element("span", {}, ...words), element("span", {}, text));
}

export function fillHelp() {
  const marks = Object.keys(LETTERS).map((name) => element("span", {}, badge(name), ` ${NAMES[name] ?? name}`));
  $("help").replaceChildren(
    element("p", {}, ...HOW),
    element("div", { class: "keys" }, ...KEYS.map(helpLine)),
    element("p", { class: "marks" }, ...marks),
    element("p", { class: "quiet" }, NOTES),
  );
}
