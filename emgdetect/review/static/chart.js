// The signal around a potential: one lane per channel, filtered over raw, verdicts on top.

/* global uPlot */
import { clock, colour, COUNTED, element, LETTERS, microvolts, niceStep, plainAxis } from "./looks.js";
import { Pixels } from "./pixels.js";
import { hatch, sayReason } from "./spans.js";

const TOP = 44;
const REACH = 0.62; // of the outermost lanes, beyond their middle
const MANY = 16; // channels; more are drawn pixel by pixel
const NAME_PX = 11.5; // height that a channel's name takes
const AXIS_PX = 30;

export class Chart {
  constructor(box, handlers) {
    Object.assign(this, { box, handlers, plot: null, pixels: new Pixels(), width: 0, shape: "", scene: null, cursorTime: null, spanStart: null });
    this.note = element("div", { class: "note", hidden: "" });
    this.mark = element("div", { class: "cursor-mark", hidden: "" });
    this.region = element("div", { class: "cursor-region", hidden: "" });
    box.append(this.note);
    new ResizeObserver(() => this.resize()).observe(box);
  }

  // The width is noted when it changes: to ask for it would lay out the page anew each time
  get columns() { return Math.max(400, Math.round((this.width || 900) * (window.devicePixelRatio || 1))); }

  get many() { return this.scene.signal.channels.length > MANY; }

  say(sentence) {
    this.note.textContent = sentence;
    this.note.hidden = !sentence;
  }

  // scene: zero, start, stop, signal, laneUv, showRaw, row, store, site
  draw(scene) {
    this.scene = scene;
    const { signal } = scene;
    const shape = `${signal.channels.length} ${scene.showRaw} ${signal.channels.length === 1}`;
    const data = this.data(scene);
    if (!this.plot || shape !== this.shape) this.build(scene, data, shape);
    else this.plot.setData(data, false);
    this.plot.batch(() => {
      this.plot.setScale("x", { min: scene.start - scene.zero, max: scene.stop - scene.zero });
      this.plot.setScale("y", { min: -(signal.channels.length - 1) - REACH, max: REACH });
      // The same range may stand for other microvolts: its labels are not what they were
      this.plot.redraw(false, true);
    });
    this.place();
  }

  data({ signal, start, stop, zero, laneUv, showRaw }) {
    if (this.many) return [[start - zero, stop - zero], [null, null]];
    const n = signal.n_columns, x = new Float64Array(n);
    for (let i = 0; i < n; i++) x[i] = signal.start_s - zero + i * signal.step_s;
    const lane = (trace, k) => {
      const y = new Array(n);
      for (let i = 0; i < n; i++) { const v = trace[i]; y[i] = v !== v ? null : v / laneUv - k; }
      return y;
    };
    const raw = showRaw ? signal.raw.map(lane) : [];
    return [x, ...raw, ...signal.filtered.map(lane)];
  }

  build({ signal, showRaw }, data, shape) {
    this.plot?.destroy();
    this.shape = shape;
    const raw = { stroke: () => colour("raw"), width: 1, points: { show: false }, spanGaps: false };
    const filtered = { stroke: () => colour("trace"), width: 1.25, points: { show: false }, spanGaps: false };
    const axis = plainAxis(11);
    const options = {
      ...this.size(), padding: [TOP, 26, 0, 0], legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      axes: [
        { ...axis, size: AXIS_PX, values: (_, ticks) => ticks.map((t) => this.tick(t)) },
        { ...axis, size: (u, values) => 18 + 6.3 * Math.max(3, ...(values ?? []).map((v) => v.length)), ...this.lanes(signal) },
      ],
      series: this.many ? [{}, filtered] : [{}, ...(showRaw ? signal.raw.map(() => raw) : []), ...signal.filtered.map(() => filtered)],
      hooks: { drawClear: [(u) => this.under(u)], draw: [(u) => this.over(u)] },
    };
    this.plot = new uPlot(options, data, this.box);
    this.plot.over.append(this.mark, this.region);
    this.listen(this.plot.over);
  }

  lanes(signal) {
    const inMicrovolts = (lanes) => `${Number((lanes * this.scene.laneUv).toPrecision(3))} µV`;
    if (signal.channels.length === 1) return { splits: () => this.heights(), values: (_, ticks) => ticks.map(inMicrovolts) };
    return { splits: () => this.scene.signal.channels.map((_, k) => -k), values: () => this.names() };
  }

  // Round microvolts within a single lane, in lanes
  heights() {
    const step = niceStep(this.scene.laneUv / 4) / this.scene.laneUv;
    return [-2, -1, 0, 1, 2].map((k) => k * step).filter((height) => Math.abs(height) < REACH);
  }

  ownChannel() {
    const { row, store } = this.scene;
    return row >= 0 ? store.events.channel[row] : null;
  }

  // Names without what they share, if they are long; the potential's own channel is pointed out
  names() {
    const { channels } = this.scene.signal, first = channels[0];
    let shared = 0;
    while (shared < first.length && channels.every((name) => name[shared] === first[shared])) shared++;
    const cut = Math.max(0, Math.min(shared, first.length - 8));
    const short = (name) => (name.length > 12 && cut ? `…${name.slice(cut).slice(-12)}` : name.slice(-16));
    const every = Math.ceil((NAME_PX * (channels.length - 1 + 2 * REACH)) / (this.size().height - TOP - AXIS_PX));
    const at = channels.indexOf(this.ownChannel());
    // Where lanes are lower than a name, some have none; the own channel's is never left out
    const named = (k) => k === at || (k % every === 0 && (at < 0 || Math.abs(k - at) >= every));
    return channels.map((name, k) => (named(k) ? (k === at ? "▸ " : "") + short(name) : ""));
  }

  tick(t) {
    const width = this.scene.stop - this.scene.start;
    if (this.scene.zero + t < -1e-9 && width > 2.001) return "";
    return width <= 2.001 ? `${Math.round(t * 1000)} ms` : clock(this.scene.zero + t, width < 8 ? 1 : 0);
  }

  size() { return { width: Math.max(200, this.box.clientWidth), height: Math.max(150, this.box.clientHeight) }; }
  resize() {
    this.width = this.box.clientWidth;
    if (this.plot) { this.plot.setSize(this.size()); this.place(); }
  }
  restyle() { if (this.plot) this.plot.redraw(false, true); }

  pixel(u, time) { return u.valToPos(time - this.scene.zero, "x", true); }

  under(u) {
    const { ctx, bbox } = u, s = this.scene;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - TOP * devicePixelRatio, bbox.width, bbox.height + TOP * devicePixelRatio);
    ctx.clip();
    for (const span of s.excluded) hatch(u, this.extent(u, span));
    if (s.row >= 0) {
      const { onset, duration, verdict } = s.store.events;
      const left = this.pixel(u, onset[s.row]), right = this.pixel(u, onset[s.row] + (duration[s.row] ?? 0));
      ctx.fillStyle = colour("shade");
      ctx.fillRect(left - 2, bbox.top, Math.max(4, right - left + 4), bbox.height);
      ctx.strokeStyle = colour(verdict[s.row]);
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.strokeRect(left - 2, bbox.top, Math.max(4, right - left + 4), bbox.height);
    }
    ctx.restore();
  }

  // Where a span begins and ends within the plot
  extent(u, { onset, duration }) {
    const { left, width } = u.bbox;
    return [Math.max(left, this.pixel(u, onset)), Math.min(left + width, this.pixel(u, onset + duration))];
  }

  // All lines at once: raw ones under filtered ones, the potential's own channel in a colour
  lines(u) {
    const { ctx, bbox } = u, { signal, start, stop, laneUv, showRaw } = this.scene, n = signal.channels.length;
    const dx = bbox.width / (stop - start), lane = bbox.height / (n - 1 + 2 * REACH);
    const across = { x0: (signal.start_s - start) * dx, dx: signal.step_s * dx, dy: -lane / laneUv };
    this.pixels.clear(Math.round(bbox.width), Math.round(bbox.height));
    const own = signal.channels.indexOf(this.ownChannel());
    const draw = (traces, tone) => traces.forEach((trace, k) =>
      this.pixels.line(trace, { ...across, y0: (k + REACH) * lane }, colour(tone(k)), devicePixelRatio));
    if (showRaw) draw(signal.raw, () => "raw");
    draw(signal.filtered, (k) => (k === own ? "accent" : "trace"));
    this.pixels.onto(ctx, bbox.left, bbox.top);
  }

  over(u) {
    const s = this.scene;
    if (this.many) this.lines(u);
    for (const span of s.excluded) sayReason(u, this.extent(u, span), span);
    this.hits = [];
    const rows = s.store.between(s.site, s.start, s.stop);
    this.taken = [[], []];
    if (s.row >= 0) this.marker(u, s.row);
    for (const row of rows) if (row !== s.row) this.marker(u, row);
    this.scaleBar(u);
  }

  marker(u, row) {
    const { ctx, bbox } = u, s = this.scene, e = s.store.events, dpr = devicePixelRatio;
    const x = this.pixel(u, e.peak_s[row]), current = row === s.row;
    if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) return;
    const verdict = e.verdict[row], tone = colour(verdict), counted = verdict === COUNTED;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = tone;
    ctx.lineWidth = (current ? 2 : 1) * dpr;
    ctx.globalAlpha = e.outside[row] ? 0.45 : 1;
    if (!counted) ctx.setLineDash([4 * dpr, 3 * dpr]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - 6 * dpr);
    ctx.lineTo(x, bbox.top);
    ctx.stroke();
    if (!current) { ctx.globalAlpha *= 0.4; ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke(); }
    ctx.setLineDash([]);
    ctx.globalAlpha = e.outside[row] ? 0.45 : 1;
    this.hits.push([x / dpr, row]);
    this.letter(ctx, x, bbox.top, row, { tone, counted, current });
    ctx.restore();
  }

  // In two rows, so that neighbours do not cover each other; a tick alone where both are taken
  letter(ctx, x, top, row, { tone, counted, current }) {
    const e = this.scene.store.events, dpr = devicePixelRatio, unit = e.unit[row];
    const text = LETTERS[e.verdict[row]] + (unit === null ? "" : unit);
    ctx.font = `700 ${11 * dpr}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const half = ctx.measureText(text).width / 2 + 4 * dpr, wide = half + (e.judged[row] ? 11 * dpr : 1);
    const level = this.taken.findIndex((spans) => spans.every(([a, b]) => x + wide < a || x - half > b));
    if (level < 0) return;
    this.taken[level].push([x - half, x + wide]);
    const y = top - (level ? 31 : 11) * dpr;
    ctx.beginPath();
    ctx.roundRect(x - half, y - 9 * dpr, 2 * half, 18 * dpr, 4 * dpr);
    ctx.fillStyle = counted ? tone : colour("ground");
    ctx.fill();
    ctx.lineWidth = (current ? 2.5 : 1.3) * dpr;
    ctx.strokeStyle = current ? colour("text") : tone;
    ctx.stroke();
    ctx.fillStyle = counted ? colour("ground") : tone;
    ctx.fillText(text, x, y + 0.5 * dpr);
    if (e.judged[row]) { ctx.fillStyle = colour("text"); ctx.fillText(e.added[row] ? "+" : "✓", x + half + 6 * dpr, y + 0.5 * dpr); }
  }

  scaleBar(u) {
    const { ctx, bbox } = u, s = this.scene, dpr = devicePixelRatio;
    if (s.signal.channels.length === 1) return;
    const lane = Math.abs(u.valToPos(1, "y", true) - u.valToPos(0, "y", true));
    // Where lanes are low, higher than one, so that it can be seen
    const size = niceStep(s.laneUv * Math.max(1 / 2.2, (14 * dpr) / lane)), height = (size / s.laneUv) * lane;
    const x = bbox.left + bbox.width - 8 * dpr, y = bbox.top + bbox.height - 8 * dpr;
    ctx.save();
    ctx.fillStyle = colour("ground"); ctx.globalAlpha = 0.8;
    ctx.fillRect(x - 62 * dpr, y - height - 4 * dpr, 68 * dpr, height + 8 * dpr);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = ctx.fillStyle = colour("text");
    ctx.lineWidth = 2 * dpr;
    ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(x, y - height); ctx.stroke();
    ctx.font = `${11 * dpr}px system-ui, sans-serif`; ctx.textAlign = "right"; ctx.textBaseline = "middle";
    ctx.fillText(microvolts(size).replace(".0 ", " "), x - 6 * dpr, y - height / 2);
    ctx.restore();
  }

  timeAt(event) {
    const left = event.clientX - this.plot.over.getBoundingClientRect().left;
    return this.scene.zero + this.plot.posToVal(left, "x");
  }

  listen(over) {
    over.addEventListener("mousedown", (e) => e.button === 0 && this.handlers.down(this.timeAt(e), e));
    over.addEventListener("mousemove", (e) => this.handlers.move(this.timeAt(e), e));
    over.addEventListener("mouseup", (e) => e.button === 0 && this.handlers.up(this.timeAt(e), this.hit(e), e));
    over.addEventListener("wheel", (e) => { e.preventDefault(); this.handlers.wheel(e, this.timeAt(e)); }, { passive: false });
  }

  hit(event) {
    const x = event.clientX - this.plot.over.getBoundingClientRect().left + this.plot.bbox.left / devicePixelRatio;
    const near = (this.hits ?? []).map(([at, row]) => [Math.abs(at - x), row]).sort((a, b) => a[0] - b[0])[0];
    return near && near[0] <= 9 ? near[1] : -1;
  }

  // The cursor of adding and excluding, by mouse or keys
  setCursor(time, spanStart = null) {
    this.cursorTime = time;
    this.spanStart = spanStart;
    this.place();
  }

  place() {
    if (!this.plot || !this.scene) return;
    this.mark.hidden = this.cursorTime === null;
    this.region.hidden = this.spanStart === null;
    const at = (time) => this.plot.valToPos(time - this.scene.zero, "x");
    if (this.cursorTime !== null) this.mark.style.left = `${at(this.cursorTime)}px`;
    if (this.spanStart !== null) {
      const a = at(this.spanStart), b = at(this.cursorTime);
      this.region.style.left = `${Math.min(a, b)}px`;
      this.region.style.width = `${Math.abs(b - a)}px`;
    }
  }
}
