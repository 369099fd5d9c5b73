// Lines of many channels as pixels. A browser that strokes a hundred lines of a thousand points each
// takes longer than a person waits for a key; setting the pixels itself takes a few milliseconds.

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

// A colour of the style sheet (#rrggbb) as a pixel without opacity, and how far to shift that in
function pixelOf(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return littleEndian ? [((b << 16) | (g << 8) | r) >>> 0, 24] : [((r << 24) | (g << 16) | (b << 8)) >>> 0, 0];
}

// Topmost and lowest point of a line within each column of pixels; top > low where it has none.
// `x0` and `dx`: column of the first sample, and from one to the next; NaN interrupts the line.
export function reaches(trace, { x0, dx, y0, dy }, top, low) {
  const width = top.length;
  top.fill(Infinity);
  low.fill(-Infinity);
  const touch = (column, y) => {
    if (y < top[column]) top[column] = y;
    if (y > low[column]) low[column] = y;
  };
  const first = Math.max(0, Math.floor(-x0 / dx) - 1), last = Math.min(trace.length, Math.ceil((width - x0) / dx) + 2);
  let before = NaN;
  for (let i = first; i < last; i++) {
    const y = y0 + dy * trace[i], right = x0 + i * dx, column = Math.floor(right);
    if (y === y) {
      const left = right - dx, start = Math.floor(left), slope = (y - before) / dx;
      if (before === before) {
        // Where the line crosses from one column to the next it belongs to both
        for (let edge = Math.max(0, start + 1); edge <= column && edge <= width; edge++) {
          const crossing = before + slope * (edge - left);
          if (edge > 0) touch(edge - 1, crossing);
          if (edge < width) touch(edge, crossing);
        }
      }
      if (column >= 0 && column < width) touch(column, y);
    }
    before = y;
  }
}

export class Pixels {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.image = null;
  }

  // An empty picture of that size
  clear(width, height) {
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.top = new Float64Array(width);
      this.low = new Float64Array(width);
    } else this.pixels.fill(0);
  }

  // A line in a colour; its ends in each column fade by how much of the pixel they cover
  line(trace, place, hex, thickness) {
    const { pixels, top, low, image: { width, height } } = this, [tone, shift] = pixelOf(hex);
    const full = (tone | (255 << shift)) >>> 0, half = thickness / 2;
    reaches(trace, place, top, low);
    const edge = (at, share) => {
      const under = (pixels[at] >>> shift) & 255, over = Math.round(255 * share);
      if (over >= under) pixels[at] = (tone | (over << shift)) >>> 0;
    };
    for (let x = 0; x < width; x++) {
      const a = Math.max(0, top[x] - half), b = Math.min(height, low[x] + half);
      if (!(b > a)) continue;
      const from = Math.floor(a), to = Math.ceil(b) - 1;
      if (from === to) { edge(from * width + x, b - a); continue; }
      edge(from * width + x, from + 1 - a);
      for (let y = from + 1; y < to; y++) pixels[y * width + x] = full;
      edge(to * width + x, b - to);
    }
  }

  // Put the picture upon another canvas
  onto(context, left, top) {
    this.context.putImageData(this.image, 0, 0);
    context.drawImage(this.canvas, left, top);
  }
}
