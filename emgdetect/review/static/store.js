// The tables of the recording on the page, and which potentials are listed in which order.

// Names of a grid's channels differ at their ends: the last words that fit the list's column
function lastOf(name) {
  const words = name.split(" ");
  let shown = words.pop();
  while (words.length && words.at(-1).length + shown.length < 5) shown = `${words.pop()} ${shown}`;
  return shown.length > 6 ? `…${shown.slice(-5)}` : shown;
}

export const keyOf = (site, peak) => `${site}\n${peak}`;

export class Store {
  constructor() {
    this.events = { site: [] };
    this.listed = []; // row numbers, in the order shown
    this.filter = { site: "", verdicts: null, unit: "", state: "", low: null, high: null, uncertainty: 0, order: "time" };
  }

  get n() { return this.events.site.length; }
  value(name, row) { return this.events[name][row]; }
  key(row) { return keyOf(this.events.site[row], this.events.peak_s[row]); }

  take(tables) {
    Object.assign(this, {
      events: tables.events ?? this.events,
      excluded: tables.excluded ?? this.excluded,
      summary: tables.summary ?? this.summary,
      agreement: tables.agreement ?? this.agreement,
      agreementBySite: tables.agreement_by_site ?? this.agreementBySite,
      nDecisions: tables.n_decisions ?? this.nDecisions,
      nDamaged: tables.n_damaged ?? this.nDamaged,
    });
    if (tables.events) this.index();
  }

  index() {
    this.rows = new Map();
    this.bySite = new Map();
    for (let row = 0; row < this.n; row++) {
      this.rows.set(this.key(row), row);
      const site = this.events.site[row];
      if (!this.bySite.has(site)) this.bySite.set(site, []);
      this.bySite.get(site).push(row);
    }
    const peaks = this.events.peak_s;
    for (const rows of this.bySite.values()) rows.sort((a, b) => peaks[a] - peaks[b]);
  }

  takeRow(row) {
    const at = this.rows.get(keyOf(row.site[0], row.peak_s[0]));
    for (const name of Object.keys(row)) this.events[name][at] = row[name][0];
    return at;
  }

  // 1 on the threshold, 0.5 at twice the threshold; null where no score is known
  uncertainty(row) {
    const score = this.events.score[row], threshold = this.events.threshold[row];
    if (!(score > 0) || !(threshold > 0)) return null;
    return Math.min(score, threshold) / Math.max(score, threshold);
  }

  changed(row) {
    return this.events.judged[row] && this.events.verdict[row] !== this.events.verdict_detected[row];
  }

  // What the reviewer did with it, in a word and in a sign
  history(row) {
    const e = this.events;
    if (e.added[row]) return { words: "added", mark: "+" };
    if (this.changed(row)) return { words: `changed from ${e.verdict_detected[row]}`, mark: "✎" };
    return e.judged[row] ? { words: "confirmed", mark: "✓" } : { words: "not judged", mark: "" };
  }

  matches(row) {
    const f = this.filter, e = this.events;
    if (f.site && e.site[row] !== f.site) return false;
    if (f.verdicts && !f.verdicts.has(e.verdict[row])) return false;
    if (f.unit !== "" && String(e.unit[row] ?? "none") !== f.unit) return false;
    if (f.low !== null && !(e.amplitude_uv[row] >= f.low)) return false;
    if (f.high !== null && !(e.amplitude_uv[row] <= f.high)) return false;
    if (f.uncertainty && !(this.uncertainty(row) >= f.uncertainty)) return false;
    if (f.state === "open") return !e.judged[row];
    if (f.state === "judged") return e.judged[row];
    if (f.state === "changed") return this.changed(row);
    if (f.state === "added") return e.added[row];
    return true;
  }

  // Rows that match; those of `kept` (keys) stay listed although a decision changed them.
  list(kept = new Set()) {
    const rows = [];
    for (let row = 0; row < this.n; row++) if (this.matches(row) || kept.has(this.key(row))) rows.push(row);
    const e = this.events;
    const by = {
      time: (a, b) => e.peak_s[a] - e.peak_s[b],
      uncertain: (a, b) => (this.uncertainty(b) ?? -1) - (this.uncertainty(a) ?? -1),
      large: (a, b) => (e.amplitude_uv[b] ?? -1) - (e.amplitude_uv[a] ?? -1),
      small: (a, b) => (e.amplitude_uv[a] ?? 1e9) - (e.amplitude_uv[b] ?? 1e9),
      unit: (a, b) => (e.unit[a] ?? 1e6) - (e.unit[b] ?? 1e6),
    }[this.filter.order];
    rows.sort((a, b) => by(a, b) || e.peak_s[a] - e.peak_s[b]);
    this.listed = rows;
    this.places = new Map(rows.map((row, place) => [row, place]));
  }

  listedKeys() { return new Set(this.listed.map((row) => this.key(row))); }

  // Potentials of a site in a stretch of time, in order of time
  between(site, start, stop) {
    const rows = this.bySite.get(site) ?? [], peaks = this.events.peak_s;
    let low = 0, high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (peaks[rows[middle]] < start) low = middle + 1; else high = middle;
    }
    const found = [];
    for (; low < rows.length && peaks[rows[low]] <= stop; low++) found.push(rows[low]);
    return found;
  }

  nearest(rows, time) {
    let best = -1, distance = Infinity;
    for (const row of rows) {
      const d = Math.abs(this.events.peak_s[row] - time);
      if (d < distance) { best = row; distance = d; }
    }
    return best;
  }

  // The first potential of the list that nobody judged, else the first
  firstOpen() { return this.listed.find((row) => !this.events.judged[row]) ?? this.listed[0] ?? -1; }

  // The next one that nobody judged, after the last from the start again; -1 if all are
  nextOpen(row) {
    const place = this.places.get(row) ?? -1, after = this.listed.slice(place + 1), before = this.listed.slice(0, place + 1);
    return [...after, ...before].find((other) => !this.events.judged[other]) ?? -1;
  }

  // Excluded spans of a site
  excludedAt(site) {
    const { onset, duration, reason, by } = this.excluded;
    return this.excluded.site.flatMap((name, i) => (name === site ? [{ onset: onset[i], duration: duration[i], reason: reason[i], by: by[i] }] : []));
  }

  // What tells potentials of the list apart besides their time: site, channel or reason
  telling() {
    const e = this.events, { site } = this.filter;
    if (!site && this.sites().length > 1) return { name: "site", of: (row) => e.site[row] };
    const at = this.sites().indexOf(site || this.sites()[0]);
    if (this.summary.n_channels[at] > 1) return { name: "channel", of: (row) => lastOf(e.channel[row] ?? "") };
    return { name: "why", of: (row) => e.why[row] ?? "" };
  }

  sites() { return this.summary.site; }
  units(site) {
    const counts = new Map();
    for (let row = 0; row < this.n; row++) {
      if (site && this.events.site[row] !== site) continue;
      const unit = this.events.unit[row];
      counts.set(unit, (counts.get(unit) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => (a[0] ?? 1e9) - (b[0] ?? 1e9));
  }

  verdictCounts(site) {
    const counts = {};
    for (let row = 0; row < this.n; row++) {
      if (site && this.events.site[row] !== site) continue;
      counts[this.events.verdict[row]] = (counts[this.events.verdict[row]] ?? 0) + 1;
    }
    return counts;
  }

  nJudged() { return this.events.judged.reduce((n, j) => n + (j ? 1 : 0), 0); }
}
