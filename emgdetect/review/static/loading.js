// From the address to a filled page: the folder, a recording of it, its first potential.

import { getJson } from "./api.js";
import { fillHelp } from "./dialogs.js";
import { forgetSignals } from "./fetching.js";
import { element } from "./looks.js";
import { $, banner, report } from "./page.js";
import { forgetKeys, later } from "./queue.js";
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

let asked = -1;

// What is shown, and what keys act on, stays until the tables of the other recording are here
export async function load(index) {
  asked = index;
  let tables;
  try {
    tables = await getJson(`api/${index}/tables`);
  } catch (error) {
    if (asked === index) $("recording").value = String(state.index);
    throw error;
  }
  await later(() => asked === index && show(index, tables)); // decisions under way belong to what was shown
  if (asked !== index) return;
  await findInput(index);
  if (index !== state.index) return;
  select(store.firstOpen(), performance.now());
  followOverview();
}

function show(index, tables) {
  forgetKeys();
  document.querySelector("dialog[open]")?.close(); // its question was about another potential
  $("recording").value = String(index);
  history.replaceState(null, "", `#${encodeURIComponent(tables.name)}`);
  document.title = `${tables.name} – emgdetect review`;
  forgetSignals();
  forgetRecording(index);
  store.take(tables);
  banner(damage(store.nDamaged));
  refilter();
  chart.say("Looking for the signal …");
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
