// The whole recording: size of the signal, potentials by verdict, excluded time, where we are.

import { clock, colour, COUNTED } from "./looks.js";

const EDGE = 30, AIR = 6, CURSOR_HEIGHT = 7;

// Where the title stands, in CSS px: left, or right where the cursor (from … to) would touch it, or,
// where neither side has room, on the side with more of it and below the cursor's triangle.
export function besideCursor(width, total, from, to) {
  const right = total - EDGE - width;
  const free = (left) => left >= 0 && (to + AIR <= left || from - AIR >= left + width);
  if (free(EDGE)) return { left: EDGE, top: 2 };
  if (free(right)) return { left: right, top: 2 };
  return { left: Math.max(0, from + to < total ? right : Math.min(EDGE, right)), top: CURSOR_HEIGHT + 2 };
}

export class Strip {
  constructor(canvas, go) {
    Object.assign(this, { canvas, scene: null });
    this.base = document.createElement("canvas");
    new ResizeObserver(() => this.drawAll()).observe(canvas);
    canvas.addEventListener("click", (event) => this.scene && go(this.timeAt(event), event.timeStamp));
  }

  timeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return ((event.clientX - box.left - 8) / (box.width - 16)) * this.scene.stop;
  }

  // scene: store, site, stop, envelope; where: row, start, end
  set(scene) { this.scene = scene; this.drawAll(); }
  where(place) { this.place = place; this.paint(); }

  x(time) { return 8 * this.dpr + (time / this.scene.stop) * (this.canvas.width - 16 * this.dpr); }

  drawAll() {
    this.dpr = window.devicePixelRatio || 1;
    for (const c of [this.canvas, this.base]) {
      c.width = Math.max(1, Math.round(this.canvas.clientWidth * this.dpr));
      c.height = Math.max(1, Math.round(this.canvas.clientHeight * this.dpr));
    }
    if (!this.scene || !(this.scene.stop > 0)) return;
    this.words = "";
    const ctx = this.base.getContext("2d");
    const h = this.base.height, axis = 16 * this.dpr, rows = 2 * 11 * this.dpr;
    ctx.clearRect(0, 0, this.base.width, h);
    this.spans(ctx, h - axis);
    this.envelope(ctx, h - axis - rows);
    this.ticks(ctx, h - axis - rows, h - axis);
    this.axis(ctx, h - axis);
    this.paint();
  }

  spans(ctx, height) {
    ctx.save();
    ctx.globalAlpha = 0.28;
    ctx.fillStyle = colour("hatch");
    for (const span of this.scene.excluded) {
      const left = this.x(span.onset);
      ctx.fillRect(left, 0, Math.max(1, this.x(span.onset + span.duration) - left), height);
    }
    ctx.restore();
  }

  envelope(ctx, height) {
    const peaks = this.scene.envelope?.peak_uv;
    if (!peaks) return;
    const known = peaks.filter((v) => v !== null).sort((a, b) => a - b);
    const top = known[Math.floor(known.length * 0.995)] || 1;
    ctx.fillStyle = colour("raw");
    const step = this.scene.envelope.stop_s / peaks.length;
    peaks.forEach((value, i) => {
      if (value === null) return;
      const size = Math.min(1, value / top) * (height - 6 * this.dpr), left = this.x(i * step);
      ctx.fillRect(left, height - size, Math.max(1, this.x((i + 1) * step) - left), size);
    });
    this.words = `${this.scene.envelope.channel}: largest deflection, full height ${Math.round(top)} µV${this.scene.envelope.done ? "" : " (reading …)"}`;
  }

  title(ctx, from, to) {
    if (!this.words) return;
    ctx.font = `${10 * this.dpr}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    const width = ctx.measureText(this.words).width / this.dpr;
    const { left, top } = besideCursor(width, this.canvas.width / this.dpr, from / this.dpr, to / this.dpr);
    ctx.globalAlpha = 0.8;
    ctx.fillStyle = colour("ground");
    ctx.fillRect((left - 3) * this.dpr, (top - 1) * this.dpr, (width + 6) * this.dpr, 13 * this.dpr);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour("quiet");
    ctx.fillText(this.words, left * this.dpr, top * this.dpr);
  }

  ticks(ctx, top, bottom) {
    const { store, site } = this.scene, e = store.events, half = (bottom - top) / 2;
    for (let row = 0; row < store.n; row++) {
      if (site && e.site[row] !== site) continue;
      const counted = e.verdict[row] === COUNTED;
      ctx.fillStyle = colour(e.verdict[row]);
      ctx.globalAlpha = e.outside[row] ? 0.3 : 1;
      ctx.fillRect(this.x(e.peak_s[row]) - 0.5 * this.dpr, counted ? top + 1 : top + half + 1, Math.max(1, this.dpr), half - 2);
    }
    ctx.globalAlpha = 1;
  }

  axis(ctx, y) {
    const { stop } = this.scene;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400].find((s) => stop / s <= this.base.width / this.dpr / 70) ?? 28800;
    ctx.fillStyle = colour("quiet");
    ctx.strokeStyle = colour("line");
    ctx.font = `${10 * this.dpr}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    ctx.beginPath();
    for (let t = 0; t <= stop + 1e-9; t += step) {
      const x = this.x(t);
      ctx.moveTo(x, y); ctx.lineTo(x, y + 3 * this.dpr);
      ctx.fillText(clock(t, step < 1 ? 1 : 0), Math.min(Math.max(x, 18 * this.dpr), this.base.width - 18 * this.dpr), y + 4 * this.dpr);
    }
    ctx.stroke();
    ctx.textAlign = "left";
  }

  paint() {
    const ctx = this.canvas.getContext("2d");
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.drawImage(this.base, 0, 0);
    if (!this.scene || !this.place) { this.title(ctx, 0, 0); return; }
    const left = this.x(this.place.start), width = Math.max(3 * this.dpr, this.x(this.place.end) - left);
    ctx.fillStyle = colour("shade");
    ctx.strokeStyle = colour("accent");
    ctx.lineWidth = 1.5 * this.dpr;
    const bottom = this.canvas.height - 16 * this.dpr;
    ctx.fillRect(left, 0, width, bottom);
    ctx.strokeRect(left, 1, width, bottom - 2);
    const at = this.x((this.place.start + this.place.end) / 2), half = 5 * this.dpr;
    this.title(ctx, Math.min(left, at - half), Math.max(left + width, at + half));
    ctx.fillStyle = colour("accent");
    ctx.beginPath();
    ctx.moveTo(at - half, 0); ctx.lineTo(at + half, 0); ctx.lineTo(at, 7 * this.dpr); ctx.fill();
  }
}
