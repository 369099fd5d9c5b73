// Excluded spans on the signal: hatched under it, their reason in words upon it.

import { colour } from "./looks.js";

export function hatch({ ctx, bbox }, [left, right]) {
  if (right <= left) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.globalAlpha = 0.35;
  ctx.strokeStyle = colour("hatch");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += 9 * devicePixelRatio) { ctx.moveTo(x, bbox.top + bbox.height); ctx.lineTo(x + bbox.height, bbox.top); }
  ctx.stroke();
  ctx.restore();
}

// Why a span is excluded, on a ground of its own so that no line runs through the words
export function sayReason({ ctx, bbox }, [left, right], span) {
  const dpr = devicePixelRatio;
  const whole = `excluded: ${span.reason}${span.by === "reviewer" ? " (reviewer)" : ""}`;
  ctx.save();
  ctx.font = `600 ${11 * dpr}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  const width = (text) => ctx.measureText(text).width + 8 * dpr;
  const words = [whole, span.reason].find((text) => width(text) < right - left);
  if (words) {
    const low = bbox.top + bbox.height - 3 * dpr;
    ctx.fillStyle = colour("ground");
    ctx.fillRect(left + 1, low - 14 * dpr, width(words), 14 * dpr);
    ctx.fillStyle = colour("hatch");
    ctx.fillText(words, left + 5 * dpr, low - dpr);
  }
  ctx.restore();
}
