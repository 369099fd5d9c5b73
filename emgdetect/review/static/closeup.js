// The selected potential over others of its unit, on its channel.

/* global uPlot */
import { colour, plainAxis } from "./looks.js";

export class CloseUp {
  constructor(box, title) {
    Object.assign(this, { box, title, plot: null, n: -1 });
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(box);
  }

  size() { return { width: Math.max(80, this.box.clientWidth), height: Math.max(80, this.box.clientHeight) }; }
  restyle() { this.plot?.redraw(false, true); }
  clear(sentence) { this.plot?.destroy(); this.plot = null; this.n = -1; this.title.textContent = sentence; }

  draw(shapes, label) {
    const n = shapes.own.length, x = Float64Array.from({ length: n }, (_, i) => ((2 * i) / (n - 1) - 1) * shapes.reach_s * 1000);
    const data = [x, ...shapes.others, shapes.own];
    this.title.textContent = label;
    // The selected one fills the plot, others may be cut off
    const peak = (trace) => trace.reduce((top, v) => Math.max(top, Math.abs(v ?? 0)), 0);
    const peaks = shapes.others.map(peak).sort((a, b) => a - b);
    this.top = Math.max(1.15 * peak(shapes.own), Math.min(peaks[peaks.length >> 1] ?? 0, 4 * peak(shapes.own)), 1e-3);
    if (!this.plot || this.n !== shapes.others.length) this.build(shapes, data);
    else this.plot.setData(data);
  }

  build(shapes, data) {
    this.plot?.destroy();
    this.n = shapes.others.length;
    const axis = plainAxis(10);
    const other = { stroke: () => `${colour("accent")}66`, width: 1, points: { show: false } };
    this.plot = new uPlot({
      ...this.size(), padding: [6, 8, 0, 0], legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false }, y: { range: () => [-this.top, this.top] } },
      axes: [
        { ...axis, size: 26, space: 46, values: (_, ticks) => ticks.map((t) => `${t} ms`) },
        { ...axis, size: 42, values: (_, ticks) => ticks.map(String) },
      ],
      series: [{}, ...shapes.others.map(() => other), { stroke: () => colour("trace"), width: 2, points: { show: false } }],
    }, data, this.box);
  }
}
