// The whole recording under the signal: its size is read in the background and asked for until done.

import { getJson } from "./api.js";
import { clock, COUNTED } from "./looks.js";
import { $ } from "./page.js";
import { siteShown, state, store, strip } from "./state.js";

const ASK_EVERY_MS = 400;

export function drawStrip() {
  const site = siteShown(), stop = lengthS();
  strip.set({ store, site, stop, envelope: state.envelope, excluded: store.excludedAt(site) });
  const counts = store.verdictCounts(site), n = Object.values(counts).reduce((a, b) => a + b, 0);
  $("strip").setAttribute("aria-label", `The whole recording, ${clock(stop, 0)}: ${n} potentials at ${site}, ${counts[COUNTED] ?? 0} counted. Click or press g to go to a time.`);
}

export function lengthS() {
  const ends = [...state.input.segments.map(([, stop]) => stop), ...store.summary.recorded_s.map((s) => s ?? 0)];
  return Math.max(1, ...ends, store.events.peak_s?.reduce((a, b) => Math.max(a, b), 0) ?? 0);
}

export async function followOverview() {
  const { index } = state, site = siteShown();
  drawStrip();
  if (!site || !state.input.ok) return;
  const row = store.bySite.get(site)?.[0];
  const channel = row === undefined ? "" : store.value("channel", row) ?? "";
  for (;;) {
    let found;
    try { found = await getJson(`api/${index}/overview?${new URLSearchParams({ site, channel })}`); } catch { return; }
    if (index !== state.index || site !== siteShown()) return;
    state.envelope = found;
    drawStrip();
    if (found.done) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
