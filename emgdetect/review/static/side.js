// The column on the left: sites, filters and how far the review is.

import { badge, element, number, percent } from "./looks.js";
import { rate } from "./numbers.js";
import { $ } from "./page.js";
import { select } from "./showing.js";
import { list, state, store } from "./state.js";

export function refilter() {
  const key = state.row >= 0 ? store.key(state.row) : null;
  store.list();
  list.refresh();
  drawSide();
  state.row = key === null ? -1 : store.rows.get(key) ?? -1;
  if (store.places.has(state.row)) list.select(state.row);
  else select(store.listed[0] ?? -1, performance.now());
}

// List this row, too, although the filter would leave it out
export function listToo(row) {
  if (store.places.has(row)) return;
  store.list(store.listedKeys().add(store.key(row)));
  list.refresh();
  drawChips();
}

export function drawSide() {
  drawSites();
  drawChips();
  drawProgress();
  drawUnits();
  $("where-head").textContent = store.telling().name;
}

// Units are numbered within a site: over all sites, unit 1 of each would be added up.
function drawUnits() {
  const { filter } = store, filterBox = $("unit-filter"), mixed = filter.site === "" && store.sites().length > 1;
  const units = store.units(filter.site).filter(([unit]) => !mixed || unit === null)
    .map(([unit, n]) => element("option", { value: unit ?? "none" }, `${unit ?? "none"} (${n})`));
  filterBox.replaceChildren(element("option", { value: "" }, "any"), ...units);
  filterBox.value = filter.unit;
  filterBox.title = mixed ? "Units are numbered within a site: choose a site first." : "";
}

function drawSites() {
  const { summary } = store, focused = document.activeElement?.closest?.("#sites") ? document.activeElement.title : null;
  const all = summary.site.length > 1 ? [siteLine("", -1)] : [];
  $("sites").tBodies[0].replaceChildren(...all, ...summary.site.map(siteLine));
  if (focused !== null) [...$("sites").querySelectorAll("button")].find((b) => b.title === focused)?.focus();
}

function siteLine(site, i) {
  const s = store.summary, chosen = String(store.filter.site === site), title = site || "all sites";
  const of = (texts) => texts.map(([text, hint]) => element("td", { class: "num", title: hint ?? "" }, text));
  const cells = i < 0 ? [[""], [""], [String(store.nJudged())]]
    : [[number(s.rate_per_min[i]), rate(s, i)], [number(s.rate_per_min_detected[i])], [String(s.n_judged[i])]];
  return element("tr", { "aria-selected": chosen },
    element("td", {}, element("button", { "aria-pressed": chosen, title, onclick: () => chooseSite(site) }, title)), ...of(cells));
}

export function drawChips() {
  const f = store.filter, counts = store.verdictCounts(f.site);
  const focused = document.activeElement?.dataset?.verdict;
  const chip = (verdict) => element("button", {
    "aria-pressed": String(!f.verdicts || f.verdicts.has(verdict)), "data-verdict": verdict,
    title: `Click: with or without ${verdict}. Shift and click: only ${verdict}.`,
    onclick: (e) => chooseVerdict(verdict, e.shiftKey, counts),
  }, badge(verdict), ` ${verdict} ${counts[verdict]}`);
  $("verdicts").replaceChildren(...state.desk.verdicts.filter((verdict) => counts[verdict]).map(chip));
  if (focused) $("verdicts").querySelector(`[data-verdict="${focused}"]`)?.focus();
  $("count").textContent = store.listed.length === store.n ? `${store.n}` : `${store.listed.length} of ${store.n}`;
}

function drawProgress() {
  const judged = store.nJudged(), bar = $("progress"), a = store.agreement;
  const share = store.n ? (100 * judged) / store.n : 100;
  bar.setAttribute("aria-valuenow", Math.round(share));
  bar.firstElementChild.style.width = `${share}%`;
  bar.lastElementChild.textContent = `${judged} of ${store.n} judged`;
  $("agreement").textContent = a.n ? `agreement ${percent(a.share)} of ${a.n}` : "";
  $("undo").disabled = !store.nDecisions;
}

function chooseSite(site) {
  Object.assign(store.filter, { site, unit: "" });
  refilter();
}

function chooseVerdict(verdict, only, counts) {
  const f = store.filter, all = Object.keys(counts);
  const chosen = only ? new Set([verdict]) : new Set(f.verdicts ?? all);
  if (!only && !chosen.delete(verdict)) chosen.add(verdict);
  f.verdicts = all.every((v) => chosen.has(v)) ? null : chosen;
  refilter();
}

const FILTERS = { "unit-filter": "unit", "state-filter": "state", order: "order", uncertainty: "uncertainty", "amplitude-low": "low", "amplitude-high": "high" };
const AS_NUMBER = new Set(["uncertainty", "low", "high"]);

export function listenToFilters() {
  for (const [id, name] of Object.entries(FILTERS)) {
    $(id).addEventListener("change", ({ target: { value } }) => {
      store.filter[name] = !AS_NUMBER.has(name) ? value : value === "" ? null : Number(value);
      refilter();
    });
  }
  $("filter-reset").addEventListener("click", resetFilter);
}

function resetFilter() {
  Object.assign(store.filter, { verdicts: null, unit: "", state: "", low: null, high: null, uncertainty: 0 });
  for (const id of ["state-filter", "amplitude-low", "amplitude-high"]) $(id).value = "";
  $("uncertainty").value = "0";
  refilter();
}
