// Light or dark: as the system has it, until chosen here.

import { fillHelp } from "./dialogs.js";
import { drawFacts } from "./facts.js";
import { forgetColours } from "./looks.js";
import { drawChips } from "./side.js";
import { chart, closeUp, list, state, store } from "./state.js";
import { drawStrip } from "./whole.js";

const KEY = "emgdetect-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

// A private window may refuse to remember
function saved() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

export function changeTheme() {
  const dark = document.documentElement.dataset.theme !== "dark";
  try { localStorage.setItem(KEY, dark ? "dark" : "light"); } catch { /* for this window only */ }
  apply(dark);
}

export function startTheme() {
  apply((saved() ?? (system.matches ? "dark" : "light")) === "dark");
  system.addEventListener("change", (event) => { if (saved() === null) apply(event.matches); });
}

function apply(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  forgetColours();
  chart.restyle();
  closeUp.restyle();
  if (!store.summary) return;
  list.refresh();
  list.select(state.row);
  drawChips();
  drawFacts();
  drawStrip();
  fillHelp();
}
