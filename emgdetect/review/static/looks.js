// Verdicts, times and numbers as they are shown. Never by colour alone: each verdict has a letter.

export const LETTERS = {
  fasciculation: "F", train: "T", burst: "B", ecg: "E", crosstalk: "X", pop: "P", motion: "M",
  clipped: "C", hum: "H", noise: "N",
};
export const NAMES = {
  ecg: "ecg (heart beat)", pop: "pop (electrode)", hum: "hum (mains)", crosstalk: "crosstalk", clipped: "clipped (cut off)",
  noise: "noise (nothing)",
};
export const REASONS = {
  contraction: "contraction (muscle not relaxed)", motion: "motion (limb or cable)", flat: "flat (no signal)",
  noise: "noise (too loud to see potentials)", clipped: "clipped (amplifier at its limit)",
};
export const COUNTED = "fasciculation";

let cache = {};
export function colour(name) {
  cache[name] ??= getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#777";
  return cache[name];
}
export const forgetColours = () => { cache = {}; };

export function clock(seconds, digits = 3) {
  const sign = seconds < 0 ? "−" : "";
  const s = Math.abs(seconds);
  const rounded = Number(s.toFixed(digits));
  const minutes = Math.floor(rounded / 60) % 60, hours = Math.floor(rounded / 3600);
  const rest = (rounded % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return sign + (hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`);
}

export function seconds(text) {
  const parts = text.trim().split(":").map(Number);
  if (!text.trim() || parts.length > 3 || parts.some((p) => !Number.isFinite(p) || p < 0)) return null;
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

export const number = (value, digits = 1) => (value === null || value === undefined ? "–" : value.toFixed(digits));
export const percent = (value) => (value === null || value === undefined ? "–" : `${Math.round(100 * value)} %`);
export const microvolts = (value) => (value === null || value === undefined ? "–" : `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} µV`);

export function niceStep(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((m) => m * power >= value * 0.999) * power;
}

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

export function badge(verdict) {
  const counted = verdict === COUNTED;
  const node = element("span", { class: `badge${counted ? " counted" : ""}`, title: verdict }, LETTERS[verdict] ?? "?");
  node.style.color = colour(verdict);
  if (counted) node.style.background = node.style.borderColor = colour(verdict);
  return node;
}

// An axis of a plot in the colours of the theme
export const plainAxis = (px) => ({
  stroke: () => colour("quiet"), grid: { stroke: () => colour("grid"), width: 1 }, ticks: { show: false }, font: `${px}px system-ui, sans-serif`,
});
