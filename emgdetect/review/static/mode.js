// Adding and excluding are modes: what the next click on the signal does.

import { $ } from "./page.js";
import { chart, state, view, zero } from "./state.js";

const WORDS = {
  add: "Adding: click on the signal, or move the line with ← → (Shift: faster) and press Enter. The largest deflection within 15 ms is taken. Esc leaves.",
  span: "Excluding: drag over the signal, or move the line with ← → and press Enter at start and end. Esc leaves.",
};

export function enterMode(mode) {
  const again = state.mode === mode;
  leaveMode();
  if (again) return;
  state.mode = mode;
  sayMode();
  $("mode").hidden = false;
  $(mode).setAttribute("aria-pressed", "true");
  $("chart").classList.add("pointing");
  chart.setCursor(zero() + view.offset);
}

export function leaveMode() {
  if (!state.mode) return;
  $("mode").hidden = true;
  $(state.mode).setAttribute("aria-pressed", "false");
  $("chart").classList.remove("pointing");
  chart.setCursor(null);
  state.mode = "";
}

export function sayMode(more = "") { $("mode").textContent = `${WORDS[state.mode]} ${more}`; }
