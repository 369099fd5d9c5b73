// The page: joins its parts and starts it.

import { Gone } from "./api.js";
import { accept, changeUnit, reject, undo } from "./deciding.js";
import { showDialog } from "./dialogs.js";
import { enlarge, goTo, onWheel, step, zoom } from "./going.js";
import { act, onKey, showNumbers } from "./keys.js";
import { load, start } from "./loading.js";
import { enterMode } from "./mode.js";
import { $, banner, report } from "./page.js";
import { down, move, up } from "./pointing.js";
import { whenFree } from "./queue.js";
import { select, show } from "./showing.js";
import { listenToFilters } from "./side.js";
import { handlers } from "./state.js";
import { changeTheme, startTheme } from "./theme.js";

const CLICKS = {
  previous: (e) => step(-1, e.timeStamp), next: (e) => step(1, e.timeStamp),
  accept: (e) => accept(e.timeStamp), reject: (e) => reject(e.timeStamp), unit: () => changeUnit(),
  add: () => enterMode("add"), span: () => enterMode("span"), undo: () => undo(),
  wider: () => zoom(1), narrower: () => zoom(-1), smaller: () => enlarge(-1), larger: () => enlarge(1),
  "numbers-button": () => showNumbers(), "help-button": () => showDialog("help-dialog"), "theme-button": () => changeTheme(),
};

whenFree({ onKey: act, onError: report });
Object.assign(handlers, { select, goTo, down, move, up, wheel: onWheel });
document.addEventListener("keydown", onKey);
for (const [id, task] of Object.entries(CLICKS)) $(id).addEventListener("click", task);
$("recording").addEventListener("change", (event) => load(Number(event.target.value)).catch(report));
for (const id of ["low", "raw", "channels", "lock"]) $(id).addEventListener("change", () => show());
listenToFilters();
startTheme();
start().catch((error) => {
  report(error);
  if (!(error instanceof Gone)) banner(`The page could not be filled: ${error.message}`, true);
});
