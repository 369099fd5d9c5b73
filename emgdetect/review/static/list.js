// The list of potentials: only the rows in sight exist, so five thousand cost as much as fifty.

import { badge, clock, element, percent } from "./looks.js";

const HEIGHT = 26;
const BEYOND = 8;

function bar(share) {
  const node = element("span", { class: "bar", title: share === null ? "no score" : `uncertainty ${percent(share)}` }, element("i"));
  node.firstChild.style.width = `${100 * (share ?? 0)}%`;
  return node;
}

export class List {
  constructor(box, store, choose) {
    Object.assign(this, { box, store, choose, selected: -1, drawn: new Map() });
    this.space = box.firstElementChild;
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(box);
    this.space.addEventListener("click", (event) => {
      const item = event.target.closest(".item");
      if (item) this.choose(Number(item.dataset.row), event.timeStamp);
    });
  }

  // After the rows or their order changed
  refresh() {
    this.space.style.height = `${this.store.listed.length * HEIGHT}px`;
    this.space.replaceChildren();
    this.drawn.clear();
    if (!this.store.listed.length) {
      this.space.append(element("p", { class: "quiet", role: "presentation" }, "Nothing matches the filter."));
      this.space.style.height = "auto";
    }
    this.draw();
  }

  draw() {
    const { listed } = this.store;
    const first = Math.max(0, Math.floor(this.box.scrollTop / HEIGHT) - BEYOND);
    const last = Math.min(listed.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / HEIGHT) + BEYOND);
    for (const [place, node] of this.drawn) {
      if (place < first || place >= last) { node.remove(); this.drawn.delete(place); }
    }
    const fresh = [];
    for (let place = first; place < last; place++) {
      if (this.drawn.has(place)) continue;
      const node = this.item(listed[place], place);
      this.drawn.set(place, node);
      fresh.push(node);
    }
    this.space.append(...fresh);
  }

  item(row, place) {
    const { store } = this, { events: e } = store, { words, mark } = store.history(row), size = e.amplitude_uv[row];
    const node = element(
      "div",
      {
        class: `item${e.outside[row] ? " outside" : ""}`, role: "option", id: `item-${place}`, "data-row": row,
        "aria-posinset": place + 1, "aria-setsize": store.listed.length, "aria-selected": String(row === this.selected),
        "aria-label": [e.verdict[row], clock(e.peak_s[row]), e.site[row], `unit ${e.unit[row] ?? "none"}`, `${Math.round(size ?? 0)} microvolts`, words].join(", "),
      },
      badge(e.verdict[row]),
      element("span", {}, clock(e.peak_s[row])),
      element("span", { class: "quiet", title: `${e.site[row]}, ${e.channel[row] ?? ""}: ${e.why[row] ?? ""}` }, store.telling().of(row)),
      element("span", { title: "unit" }, e.unit[row] === null ? "" : `u${e.unit[row]}`),
      element("span", { class: "num" }, size === null ? "–" : `${Math.round(size)} µV`),
      bar(store.uncertainty(row)),
      element("span", { title: words }, mark),
    );
    node.style.top = `${place * HEIGHT}px`;
    return node;
  }

  redraw(row) {
    const place = this.store.places.get(row), old = this.drawn.get(place);
    if (!old) return;
    const node = this.item(row, place);
    old.replaceWith(node);
    this.drawn.set(place, node);
  }

  select(row) {
    const before = this.selected;
    this.selected = row;
    if (before >= 0 && before < this.store.n) this.redraw(before);
    const place = this.store.places.get(row);
    if (place === undefined) { this.box.removeAttribute("aria-activedescendant"); return; }
    const top = place * HEIGHT, height = this.box.clientHeight;
    if (top < this.box.scrollTop + HEIGHT) this.box.scrollTop = top - HEIGHT;
    else if (top > this.box.scrollTop + height - 2 * HEIGHT) this.box.scrollTop = top - height + 2 * HEIGHT;
    this.draw();
    this.redraw(row);
    this.box.setAttribute("aria-activedescendant", `item-${place}`);
  }
}
