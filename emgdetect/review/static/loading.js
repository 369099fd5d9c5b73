// From the address to a filled page: the folder, a recording of it, its first potential.

import { getJson } from "./api.js";
import { fillHelp } from "./dialogs.js";
import { forgetSignals } from "./fetching.js";
import { element } from "./looks.js";
import { $, banner, report } from "./page.js";
import { select } from "./showing.js";
import { refilter } from "./side.js";
import { chart, forgetRecording, state, store } from "./state.js";
import { followOverview } from "./whole.js";

export async function start() {
  state.desk = await getJson("api/desk");
  const names = state.desk.recordings.map((r) => r.name);
  $("recording").replaceChildren(...names.map((name, i) => element("option", { value: i }, name)));
  $("reviewer").textContent = `reviewer: ${state.desk.reviewer}`;
  fillHelp();
  const wanted = names.indexOf(decodeURIComponent(location.hash.slice(1)));
  await load(Math.max(0, wanted));
}

export async function load(index) {
  $("recording").value = String(index);
  const tables = await getJson(`api/${index}/tables`);
  history.replaceState(null, "", `#${encodeURIComponent(tables.name)}`);
  document.title = `${tables.name} – emgdetect review`;
  forgetSignals();
  forgetRecording(index);
  store.take(tables);
  banner(damage(store.nDamaged));
  refilter();
  chart.say("Looking for the signal …");
  await findInput(index);
  if (index !== state.index) return;
  select(store.firstOpen(), performance.now());
  followOverview();
}

async function findInput(index) {
  try {
    const input = await getJson(`api/${index}/input`);
    if (index !== state.index) return;
    state.input = input;
    if (input.message) banner(input.message);
  } catch (error) { report(error); }
}

function damage(n) {
  return n ? `${n} damaged line${n > 1 ? "s" : ""} of reviewed.tsv (a crash or an edit by hand) left out; all others count.` : "";
}
