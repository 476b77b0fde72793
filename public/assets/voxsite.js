// voxsite.js: what a page gains where scripts run. Every page is complete without it.
//
// Reads the charts drawn at build time, adds a shared crosshair, zoom, smoothing, log axes and toggles, and
// keeps the page fresh by swapping only what changed. No dependency, no build step. The pages' policy
// forbids inline styles and scripts; text from logs is hostile, so it enters the page as text nodes only.

// --- Places -----------------------------------------------------------------------------------------------

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const isFile = location.protocol === 'file:'; // fetch and EventSource do not work from a disk
const pageURL = location.href.split('#')[0];
const store = (kind, key, value) => { // storage may be forbidden, full or absent: never a reason to stop
  try {
    const storage = window[kind];
    if (value === undefined) return storage.getItem(key);
    value === null ? storage.removeItem(key) : storage.setItem(key, value);
  } catch { /* remembered for this visit only */ }
  return null;
};
const rootURL = () => new URL(document.body.dataset.root || './', pageURL);

function svg(name, className, parent) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  node.setAttribute('class', className);
  parent?.append(node);
  return node;
}
// Writes only what differs: a write that changes nothing still costs style and layout.
const setText = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
const setAttribute = (node, name, value) => {
  if (node && node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};

// --- State: what the reader chose, kept in the address so that a reload and a sent link show the same ------

const view = {
  axis: null,        // step | epoch | relative | wall; null: as drawn
  smooth: null,      // 0 off, i: the i-th half-life; null: each series' default
  logX: false,
  logY: null,        // null: as drawn
  all: false,        // y-range shows every value
  zoom: null,        // {axis, from, to}
  off: new Set(),    // "run:ID" or "series:NAME" hidden
  on: new Set(),     // ids of runs shown that the page did not draw
  metric: '',
  filter: '',
};
const isDefaultView = () => !view.axis && view.smooth === null && !view.logX && view.logY === null && !view.all
  && !view.zoom && !view.off.size && !view.on.size;

function saveView() {
  const fields = new URLSearchParams();
  const put = (name, value) => { if (value !== null && value !== '' && value !== false) fields.append(name, value); };
  put('axis', view.axis); put('smooth', view.smooth); put('logx', view.logX); put('logy', view.logY === false ? 'no' : view.logY);
  put('all', view.all); put('metric', view.metric); put('filter', view.filter);
  if (view.zoom) put('zoom', [view.zoom.axis, view.zoom.from, view.zoom.to].join());
  for (const key of view.off) put('off', key);
  for (const id of view.on) put('on', id);
  const text = fields.toString();
  store('sessionStorage', 'view:' + location.pathname, text || null); // survives jumps to #anchors
  if (text || location.hash.startsWith('#view?')) {
    history.replaceState(history.state, '', text ? '#view?' + text : location.pathname + location.search);
  }
}

function restoreView() {
  const inAddress = location.hash.startsWith('#view?') ? location.hash.slice(6) : null;
  const fields = new URLSearchParams(inAddress ?? store('sessionStorage', 'view:' + location.pathname) ?? '');
  view.axis = ['step', 'epoch', 'relative', 'wall'].includes(fields.get('axis')) ? fields.get('axis') : null;
  view.smooth = fields.has('smooth') ? Math.max(0, parseInt(fields.get('smooth'), 10) || 0) : null;
  view.logX = fields.has('logx');
  view.logY = fields.has('logy') ? fields.get('logy') !== 'no' : null;
  view.all = fields.has('all');
  view.metric = fields.get('metric') ?? '';
  view.filter = fields.get('filter') ?? '';
  const [axis, from, to] = (fields.get('zoom') ?? '').split(',');
  view.zoom = +from < +to ? { axis, from: +from, to: +to } : null;
  view.off = new Set(fields.getAll('off'));
  view.on = new Set(fields.getAll('on'));
}

// --- Text: the same forms as the pages' own (Charts/NumberFormat.swift, Dates.swift) ------------------------

function number(value, digits = 4) {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-∞' : '∞';
  if (value === 0) return '0';
  if (Number.isInteger(value) && Math.abs(value) < 1e4) return String(value);
  let [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  exponent = +exponent;
  const trim = text => text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  if (exponent < -3 || exponent >= 15) return trim(mantissa) + 'e' + exponent;
  if (exponent < 4) return trim((+(mantissa + 'e' + exponent)).toFixed(Math.max(0, digits - 1 - exponent)));
  const group = Math.floor(exponent / 3);
  return trim((+(mantissa + 'e' + (exponent - 3 * group))).toFixed(Math.max(0, digits - 1 - exponent + 3 * group)))
    + ['', 'k', 'M', 'G', 'T'][group];
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
function bytes(count) {
  if (!Number.isFinite(count)) return '–';
  let unit = 0;
  for (; Math.abs(count) >= 999.5 && unit < sizeUnits.length - 1; unit++) count /= 1000;
  return number(unit ? count : Math.round(count), 3) + ' ' + sizeUnits[unit];
}
// How values of a line are written, by the data-unit of its legend entry.
const writer = unit => unit === 'bytes' ? bytes
  : value => !unit || !Number.isFinite(value) ? number(value) : number(value, unit === ' %' || unit === '/s' ? 3 : 4) + unit;

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 0) return '-' + duration(-seconds);
  if (seconds < 9.95) return number(seconds, 2) + ' s';
  const pair = (large, largeUnit, small, smallUnit) => `${large} ${largeUnit}` + (small ? ` ${small} ${smallUnit}` : '');
  const whole = Math.round(seconds), minutes = Math.round(whole / 60), hours = Math.round(minutes / 60);
  if (whole < 60) return whole + ' s';
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const two = value => String(value).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const clock = (seconds, withSeconds) => {
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}` + (withSeconds ? ':' + two(date.getSeconds()) : '');
};
const day = seconds => { const date = new Date(seconds * 1000); return `${date.getDate()} ${months[date.getMonth()]}`; };
const localTime = seconds => `${day(seconds)} ${new Date(seconds * 1000).getFullYear()} ${clock(seconds)}`;
const exact = value => Number.isInteger(value) ? String(value) : number(value, 7);

function position(axis, value) {
  switch (axis) {
    case 'wall': return `${day(value)} ${clock(value, true)}`;
    case 'relative': return duration(value);
    case 'epoch': return 'epoch ' + number(value);
    default: return `${axis} ${exact(value)}`;
  }
}

// --- Data: exact points from api/runs/<id>/series.json, fetched when first needed ---------------------------

const runs = new Map(); // id → {data, promise, stale}
const toNumbers = list => Float64Array.from(list, value => value ?? NaN);
const curve = raw => ({ x: toNumbers(raw.x), y: toNumbers(raw.y), halfLife: raw.halfLife });

function load(id) {
  const known = runs.get(id);
  if (known && !known.stale) return known.promise;
  const entry = { data: known?.data ?? null, stale: false };
  const address = $(`#run-picker input[data-run="${CSS.escape(id)}"]`)?.dataset.series;
  const url = address ? new URL(address, pageURL) : new URL(`api/runs/${encodeURIComponent(id)}/series.json`, rootURL());
  entry.promise = fetch(url, { cache: 'no-cache' }).then(async response => {
    if (!response.ok) throw new Error(response.status);
    const raw = await response.json();
    const knots = Object.fromEntries(Object.entries(raw.knots ?? {}).map(([name, list]) => [name, toNumbers(list)]));
    const series = new Map(raw.series.map(one => [one.name, {
      ...curve(one), smooth: (one.smooth ?? []).map(curve), discarded: (one.discarded ?? []).map(curve),
      standard: one.defaultSmooth == null ? 0 : one.defaultSmooth + 1,
    }]));
    entry.data = { axis: raw.axis, restarts: toNumbers(raw.restarts ?? []), knots, series };
  }).catch(() => { entry.stale = true; }); // the inline drawing serves until another try works
  runs.set(id, entry);
  return entry.promise;
}
const loaded = id => { const entry = runs.get(id); return entry && !entry.stale ? entry.data : null; };

function loadShown() {
  if (isFile) return Promise.resolve();
  const ids = new Set([...view.on, ...charts.flatMap(chart => chart.lines.map(line => line.run))]);
  return Promise.all([...ids].filter(id => !view.off.has('run:' + id)).map(load));
}

// Runs axis values of a run through its knots; null where the run does not know that axis.
function convert(data, xs, axis) {
  if (axis === data.axis) return xs;
  const target = { epoch: data.knots.epoch, relative: data.knots.time, wall: data.knots.time }[axis];
  if (!target) return null;
  data.maps ??= {};
  const map = data.maps[axis] ??= (() => {
    const kept = [...target.keys()].filter(i => Number.isFinite(target[i]));
    const offset = axis === 'relative' && kept.length ? target[kept[0]] : 0;
    return { from: kept.map(i => data.knots.step[i]), to: kept.map(i => target[i] - offset) };
  })();
  if (map.from.length < 2) return null;
  let i = 0;
  return xs.map(x => { // both ascend: one walk
    if (map.from[i] > x) i = 0;
    while (i < map.from.length - 2 && map.from[i + 1] < x) i++;
    const [a, b] = [map.from[i], map.from[i + 1]];
    if (!(b > a)) return map.to[i];
    return map.to[i] + (map.to[i + 1] - map.to[i]) * Math.min(1, Math.max(0, (x - a) / (b - a)));
  });
}

// The index whose x is nearest, by binary search; of several at the same x the last.
function nearest(xs, x) {
  let low = 0, high = xs.length;
  while (low < high) { const middle = (low + high) >> 1; xs[middle] <= x ? low = middle + 1 : high = middle; }
  return low === 0 ? 0 : low < xs.length && xs[low] - x < x - xs[low - 1] ? low : low - 1;
}

// --- Decode: points back from a path drawn at build time, so the crosshair works before any fetch -----------

function decode(d, scaleX, scaleY, width, height) {
  const xs = [], ys = [];
  let x = 0, y = 0, command = '';
  const tokens = (d ?? '').match(/[a-z]|-?\d*\.?\d+(?:e-?\d+)?/gi) ?? [];
  for (let i = 0; i < tokens.length;) {
    if (/[a-z]/i.test(tokens[i])) {
      command = tokens[i++];
      if (command === 'M' && xs.length) { xs.push(NaN); ys.push(NaN); } // a new piece: the line was broken
      if (/z/i.test(command)) continue;
    }
    const relative = command === command.toLowerCase();
    const kind = command.toLowerCase();
    if (kind === 'h') x = +tokens[i++] + (relative ? x : 0);
    else if (kind === 'v') y = +tokens[i++] + (relative ? y : 0);
    else { x = +tokens[i++] + (relative ? x : 0); y = +tokens[i++] + (relative ? y : 0); }
    if (kind === 'm') command = relative ? 'l' : 'L';
    xs.push(scaleX.value(x / width)); ys.push(scaleY.value(1 - y / height));
  }
  return { xs, ys };
}

// --- Scale and ticks ---------------------------------------------------------------------------------------

function makeScale(log, from, to) {
  if (log) {
    const origin = Math.log10(from), length = Math.log10(to) - origin;
    return { log, from, to, share: v => v > 0 ? (Math.log10(v) - origin) / length : -Infinity, value: s => 10 ** (origin + s * length) };
  }
  return { log, from, to, share: v => (v - from) / (to - from), value: s => from + s * (to - from) };
}

// The smallest of 1, 2, 2.5, 5 × 10ⁿ that divides the range into at most `count` intervals.
function niceStep(range, count) {
  const rough = range / count, power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough * (1 - 1e-9)) * power;
}

const multiples = (step, from, to, offset = 0) => {
  const first = Math.ceil((from - offset) / step - 1e-9), last = Math.floor((to - offset) / step + 1e-9);
  return Array.from({ length: Math.max(0, Math.min(200, last - first + 1)) }, (_, i) => (first + i) * step + offset);
};

const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];

function ticks(scale, axis, count) { // → [{value, label}], ascending, inside the scale
  const { from, to } = scale, range = to - from;
  if (scale.log && to / from >= 10) {
    const decades = Math.log10(to / from), stride = Math.max(1, Math.ceil(decades / count)), result = [];
    for (let exponent = Math.floor(Math.log10(from)); exponent <= Math.ceil(Math.log10(to)); exponent++) {
      for (const digit of decades <= 3.2 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1]) {
        const value = +`${digit}e${exponent}`;
        if (value < from * (1 - 1e-12) || value > to * (1 + 1e-12)) continue;
        const labelled = (digit === 1 || (decades <= 2.2 && (digit === 2 || digit === 5))) && exponent % stride === 0;
        result.push({ value, label: labelled ? number(value, 3) : '' });
      }
    }
    return result;
  }
  const seconds = axis === 'relative' || axis === 'wall';
  if (seconds && range / count > 0.5) {
    const rough = range / count;
    const step = clockSteps.find(one => one >= rough) ?? Math.ceil(niceStep(rough / 86400, 1)) * 86400;
    const zone = axis === 'wall' ? new Date(from * 1000).getTimezoneOffset() * 60 : 0; // days begin at local midnight
    return multiples(step, from, to, zone).map(value => ({
      value,
      label: axis === 'relative' ? (value === 0 ? '0' : duration(value))
        : clock(value) === '00:00' || step >= 86400 ? day(value) : clock(value, step < 60),
    }));
  }
  const step = niceStep(range, count);
  if (!(step > 0) || range < Math.abs(to) * 1e-13) return [{ value: from, label: number(from) }];
  // As many decimals as the step has, so that labels of one axis agree and 0.3 is not 0.30000000000000004.
  const largest = Math.max(Math.abs(from), Math.abs(to));
  const label = value => {
    if (Math.abs(value) < step / 2) return '0';
    if (largest >= 1e15 || largest < 1e-3) return number(+value.toPrecision(12), 5);
    const group = largest < 1e4 ? 0 : Math.min(4, Math.floor(Math.log10(Math.abs(value) * (1 + 1e-12)) / 3));
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (/^2.?5/.test(step.toPrecision(3).replace(/^0\.0*/, '')) ? 1 : 0));
    if (group <= 0) return value.toFixed(Math.min(20, decimals));
    return +(value / 10 ** (3 * group)).toPrecision(12) + ['', 'k', 'M', 'G', 'T'][group];
  };
  return multiples(step, from, to).map(value => ({ value, label: label(value) }));
}

// --- Draw --------------------------------------------------------------------------------------------------

// Path data through the points in view. Per pixel column only the first, lowest, highest and last point, in
// the order logged, so a spike of one point among thousands stays. Non-finite values break the line.
function trace(xs, ys, scaleX, scaleY, width, height, columns) {
  const out = { line: '', dots: '', gaps: '', floor: '' };
  let begin = 0, end = xs.length;
  if (xs.length > 2) { // one neighbour beyond each edge, so that lines run out of the frame
    begin = Math.max(0, nearest(xs, scaleX.from) - 1);
    while (begin > 0 && xs[begin - 1] >= scaleX.from) begin--;
    end = Math.min(xs.length, nearest(xs, scaleX.to) + 2);
  }
  const limit = 50;
  const across = x => Math.round(width * Math.max(-limit, Math.min(limit, scaleX.share(x))));
  const down = y => {
    const share = scaleY.log && y <= 0 ? 0 : scaleY.share(y);
    return Math.round(height * (1 - Math.max(-limit, Math.min(limit, share))));
  };
  let piece = [], column = NaN, first, low, high, last;
  const flushColumn = () => {
    if (column !== column) return;
    for (const i of [...new Set([first, low, high, last])].sort((a, b) => a - b)) piece.push(across(xs[i]) + ' ' + down(ys[i]));
    column = NaN;
  };
  const flushPiece = isGap => {
    flushColumn();
    if (piece.length === 1) out.dots += `M${piece[0]}h0`;
    else if (piece.length) out.line += 'M' + piece.join('L');
    if (isGap && piece.length) out.gaps += `M${piece.at(-1)}h0`;
    piece = [];
  };
  for (let i = begin; i < end; i++) {
    const y = ys[i];
    if (!Number.isFinite(y) || !Number.isFinite(xs[i])) { flushPiece(true); continue; }
    const here = Math.floor(Math.max(-1, Math.min(2, scaleX.share(xs[i]))) * columns);
    if (scaleY.log && y <= 0) out.floor += `M${across(xs[i])} ${height}h0`;
    if (here !== column) { flushColumn(); column = here; first = low = high = last = i; }
    else { if (y < ys[low]) low = i; if (y > ys[high]) high = i; last = i; }
  }
  flushPiece(false);
  return out;
}

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.plot = $('svg.plot', figure);
    const data = figure.dataset;
    this.drawn = {
      axis: data.axis, x: makeScale(data.xscale === 'log', +data.x0, +data.x1), y: makeScale(data.yscale === 'log', +data.y0, +data.y1),
    };
    this.width = this.plot.viewBox.baseVal.width;
    this.height = this.plot.viewBox.baseVal.height;
    // What the build drew, to return to: ticks, grid and restarts as nodes, lines as path data.
    this.furniture = ['svg.axis-x', 'svg.axis-y', 'g.grid', 'g.restarts']
      .map(selector => $(selector, figure)).filter(Boolean).map(node => ({ node, children: [...node.childNodes] }));
    this.lines = $$('g.series', this.plot).map(group => this.makeLine(group));
    this.addRuns();
    this.axis = this.drawn.axis;
    this.x = this.drawn.x;
    this.y = this.drawn.y;
    this.plot.setAttribute('tabindex', '0');
    this.plot.setAttribute('role', 'slider');
    this.plot.style.touchAction = 'pan-y';
    this.makeToggles();
  }

  makeLine(group) {
    const { run = document.body.dataset.run, series: name } = group.dataset;
    const item = $$('.legend li', this.figure).find(li => li.dataset.series === name && (li.dataset.run ?? run) === run);
    const output = item && $('output', item);
    const paths = {}, drawn = {}, pieces = $$('path', group); // of several branches the first is drawn anew
    for (const path of pieces) { paths[path.classList[0]] ??= path; drawn[path.classList[0]] ??= path.getAttribute('d') ?? ''; }
    const standing = output?.textContent ?? '';
    return {
      run, name, group, item, output, standing, paths, drawn,
      pieces: pieces.map(path => [path, path.getAttribute('d') ?? '']), isSmooth: group.classList.contains('has-smooth'),
      text: writer(item?.dataset.unit),
    };
  }

  // On pages of several runs a legend entry stands for its run, else for its series.
  get isComparison() { return document.body.dataset.page === 'compare'; }
  key(line) { return this.isComparison ? 'run:' + line.run : 'series:' + line.name; }
  isOff(line) { return view.off.has(this.key(line)) || Boolean(line.added && !isRunShown(line.run)); }

  makeToggles() {
    if (this.lines.length < 2 && !this.isComparison) return;
    for (const { item } of this.lines) {
      item?.setAttribute('role', 'button');
      item?.setAttribute('tabindex', '0');
    }
  }

  // Runs that the build did not draw here but the reader wants: a copy of a drawn line's markup for each.
  addRuns() {
    if (!this.isComparison || !this.lines.length) return;
    const model = this.lines[0];
    for (const run of this.isMade ? shownRuns() : view.on) {
      if (this.lines.some(line => line.run === run) || !loaded(run)?.series.has(model.name)) continue;
      const box = $(`#run-picker input[value="${CSS.escape(run)}"]`);
      const item = model.item?.cloneNode(true), group = model.group.cloneNode(false);
      for (const node of [item, group]) if (node) assignRun(node, run, box);
      if (item) { setText($('.label', item), $('bdi', box?.closest('label') ?? document)?.textContent || run); model.item.parentNode.append(item); }
      model.group.parentNode.append(group);
      this.lines.push({ ...this.makeLine(group), added: true, standing: '' });
    }
    this.makeToggles();
  }

  // The points of a line on the axis shown: exact where loaded, else read back from the drawing.
  points(line) {
    const run = loaded(line.run), series = run?.series.get(line.name);
    const axis = view.axis ?? this.drawn.axis;
    if (series) {
      series.on ??= {};
      const xs = series.on[axis] ??= convert(run, series.x, axis);
      return xs && { xs, ys: series.y, series, run };
    }
    if (axis !== this.drawn.axis || line.added) return null;
    if (!line.inline) {
      const parts = ['raw', 'points'].map(kind => decode(line.drawn[kind], this.drawn.x, this.drawn.y, this.width, this.height));
      const order = parts.flatMap((part, p) => part.xs.map((x, i) => [x, part.ys[i], p]));
      if (parts[1].xs.length) order.sort((a, b) => a[0] - b[0] || a[2] - b[2]);
      const kept = order.filter(([x]) => Number.isFinite(x));
      const whole = axis === 'step' || axis === 'line'; // a drawing knows places to a tenth of a pixel only
      line.inline = { xs: kept.map(one => whole ? Math.round(one[0]) : one[0]), ys: kept.map(one => one[1]) };
    }
    return line.inline;
  }

  // The whole axis, before any zoom.
  extent() {
    const axis = view.axis ?? this.drawn.axis;
    let [from, to] = axis === this.drawn.axis ? [this.drawn.x.from, this.drawn.x.to] : [Infinity, -Infinity];
    let positive = Infinity;
    for (const line of this.lines) {
      const points = this.points(line);
      if (!points?.xs.length) continue;
      if (axis !== this.drawn.axis || line.added) { from = Math.min(from, points.xs[0]); to = Math.max(to, points.xs.at(-1)); }
      if (view.logX) positive = Math.min(positive, points.xs.find(x => x > 0) ?? Infinity);
    }
    if (!(from < to)) [from, to] = Number.isFinite(from) ? [from - 0.5, from + 0.5] : [this.drawn.x.from, this.drawn.x.to];
    if (view.logX && from <= 0) from = Math.min(positive, to / 10);
    return [from, to];
  }

  chooseScales() {
    this.axis = view.axis ?? this.drawn.axis;
    const zoom = view.zoom?.axis === this.axis ? view.zoom : null;
    let [from, to] = this.extent();
    const log = (view.logX || (this.axis === this.drawn.axis && this.drawn.x.log)) && from > 0;
    if (zoom) [from, to] = [log && zoom.from <= 0 ? from : zoom.from, zoom.to];
    this.x = makeScale(log, from, to);
    const { y } = this.drawn, logY = view.logY ?? y.log;
    const shown = this.lines.filter(line => !this.isOff(line));
    const refits = zoom || view.all || shown.length < this.lines.length || shown.some(line => line.added) || (logY && y.from <= 0);
    if (!refits) { this.y = makeScale(logY, y.from, y.to); return; }
    let low = Infinity, high = -Infinity;
    for (const line of shown) {
      const points = this.points(line);
      if (!points) continue;
      for (let i = 0; i < points.xs.length; i++) {
        const x = points.xs[i], value = points.ys[i];
        if (x < from || x > to || !Number.isFinite(value) || (logY && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (!(low <= high)) [low, high] = logY ? [0.1, 1] : [y.from, y.to];
    // Leaving a line out must not bring outliers back that the build's robust range cut.
    const robust = !zoom && !view.all && !shown.some(line => line.added);
    if (robust) {
      if (high > y.to && y.to > low) high = y.to;
      if (low < y.from && y.from < high && !(logY && y.from <= 0)) low = y.from;
    }
    if (logY) { const pad = Math.max(1.05, (high / low) ** 0.05); [low, high] = [low / pad, high * pad]; }
    else { const pad = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1; [low, high] = [low - pad, high + pad]; }
    this.y = makeScale(logY, low, high);
  }

  draw() {
    this.addRuns();
    const custom = this.isMade || !isDefaultView();
    this.figure.classList.toggle('zoomed', Boolean(view.zoom));
    for (const line of this.lines) {
      const off = this.isOff(line);
      line.group.classList.toggle('off', off);
      line.item?.classList.toggle('off', off);
      if (line.item?.hasAttribute('tabindex')) setAttribute(line.item, 'aria-pressed', String(!off));
      if (line.added && line.item) line.item.hidden = off;
    }
    if (!custom) {
      [this.axis, this.x, this.y] = [this.drawn.axis, this.drawn.x, this.drawn.y];
      if (this.isRedrawn) this.restore();
      return;
    }
    this.isRedrawn = true;
    this.chooseScales();
    const columns = Math.max(this.width / 10, Math.round(this.plot.clientWidth));
    for (const line of this.lines) if (!this.isOff(line)) this.drawLine(line, columns);
    this.drawFurniture();
  }

  drawLine(line, columns) {
    const points = this.points(line);
    const path = kind => line.paths[kind] ??= svg('path', kind, line.group);
    const put = (kind, d) => { if (d || line.paths[kind]) setAttribute(path(kind), 'd', d); };
    const paint = (xs, ys) => trace(xs, ys, this.x, this.y, this.width, this.height, columns);
    const raw = points ? paint(points.xs, points.ys) : { line: '', dots: '', gaps: '', floor: '' };
    let smooth = '', branch = '';
    if (points?.series) {
      const { series, run } = points;
      const chosen = Math.min(view.smooth ?? (line.isSmooth || line.added ? series.standard : 0), series.smooth.length);
      const on = one => { one.on ??= {}; return one.on[this.axis] ??= convert(run, one.x, this.axis); };
      const one = series.smooth[chosen - 1];
      if (one) smooth = paint(on(one), one.y).line;
      for (const old of series.discarded) branch += paint(on(old) ?? [], old.y).line;
    } else if (points && this.axis === this.drawn.axis && line.drawn.smooth && view.smooth !== 0) {
      const { xs, ys } = line.inlineSmooth ??= decode(line.drawn.smooth, this.drawn.x, this.drawn.y, this.width, this.height);
      smooth = paint(xs, ys).line;
    }
    for (const [path] of line.pieces) setAttribute(path, 'd', '');
    put('branch', branch); put('raw', raw.line); put('smooth', smooth); put('points', raw.dots); put('gaps', raw.gaps);
    put('floor', raw.floor); put('floor-hole', raw.floor);
    line.group.classList.toggle('has-smooth', Boolean(smooth)); // raw values are faint only behind a curve
  }

  drawFurniture() {
    const place = (selector, axis, scale, attribute, count) => {
      const node = $(selector, this.figure), model = node && $('text', node);
      const marks = ticks(scale, axis, count);
      if (model) {
        const labels = marks.filter(mark => mark.label).map((mark, index) => {
          const text = model.cloneNode(false);
          const share = scale.share(mark.value);
          text.setAttribute(attribute, `${+(100 * (attribute === 'y' ? 1 - share : share)).toFixed(1)}%`);
          // Labels at the ends lean inwards; every second one may go where it is narrow.
          if (attribute === 'x') text.setAttribute('class', [share < 0.025 && 'start', share > 0.965 && 'end', index % 2 && 'odd'].filter(Boolean).join(' '));
          text.textContent = mark.label;
          return text;
        });
        node.replaceChildren(...labels);
      }
      return marks;
    };
    const wide = Math.max(2, Math.floor((this.plot.clientWidth || 600) / 90));
    const marksX = place('svg.axis-x', this.axis, this.x, 'x', wide);
    const marksY = place('svg.axis-y', '', this.y, 'y', Math.max(2, Math.floor(this.height / 440)));
    const lines = (selector, ...parts) => $(selector, this.figure)?.replaceChildren(...parts.map(([className, d]) => {
      const path = svg('path', className);
      path.setAttribute('d', d);
      return path;
    }));
    const upright = value => `M${Math.round(this.x.share(value) * this.width)} 0v${this.height}`;
    const grid = isMinor => marksY.filter(mark => !mark.label === isMinor)
      .map(mark => `M0 ${Math.round((1 - this.y.share(mark.value)) * this.height)}h${this.width}`)
      .concat(marksX.filter(mark => !mark.label === isMinor).map(mark => upright(mark.value))).join('');
    lines('g.grid', ['minor', grid(true)], ['', grid(false)]);
    const restarts = [...new Set(this.lines.map(line => line.run))].flatMap(id => {
      const run = loaded(id);
      return run ? [...convert(run, run.restarts, this.axis) ?? []] : [];
    });
    if (this.lines.some(line => loaded(line.run))) lines('g.restarts', ['', restarts.map(upright).join('')]);
  }

  restore() {
    this.isRedrawn = false;
    for (const { node, children } of this.furniture) node.replaceChildren(...children);
    for (const line of this.lines) {
      for (const path of Object.values(line.paths)) setAttribute(path, 'd', '');
      for (const [path, d] of line.pieces) setAttribute(path, 'd', d);
      line.group.classList.toggle('has-smooth', line.isSmooth);
    }
  }

  // --- Crosshair: one place on the axis, shown by every chart that has this axis -------------------------

  showCursor(x) {
    const share = x === null ? NaN : this.x.share(x);
    if (!(share >= -1e-9 && share <= 1 + 1e-9)) { this.hideCursor(); return; }
    const across = Math.round(share * this.width);
    this.crosshair ??= svg('line', 'crosshair', this.plot);
    for (const [name, value] of [['x1', across], ['x2', across], ['y1', 0], ['y2', this.height]]) this.crosshair.setAttribute(name, value);
    this.crosshair.style.display = '';
    let spoken = '';
    for (const line of this.lines) {
      if (this.isOff(line)) continue;
      const points = this.points(line);
      const i = points?.xs.length ? nearest(points.xs, x) : -1;
      const beyond = i < 0 || Math.abs(this.x.share(points.xs[i]) - share) > 0.1 && (x < points.xs[0] || x > points.xs.at(-1));
      const value = beyond ? NaN : points.ys[i];
      const text = beyond ? '–' : line.text(value);
      setText(line.output, text);
      spoken += `, ${$('.label', line.item ?? line.group)?.textContent ?? line.name} ${text}`;
      line.dot ??= svg('path', 'cursor-dot', line.group);
      const up = this.y.log && value <= 0 ? 0 : this.y.share(value);
      const visible = Number.isFinite(value) && up >= 0 && up <= 1;
      setAttribute(line.dot, 'd', visible ? `M${Math.round(this.x.share(points.xs[i]) * this.width)} ${Math.round((1 - up) * this.height)}h0` : '');
    }
    this.readout ??= this.makeReadout();
    const run = this.lines.length ? loaded(this.lines[0].run) : null;
    let label = position(this.axis, x);
    if (!this.isComparison && this.axis === 'step' && run) {
      const time = convert(run, [x], 'wall')?.[0];
      if (time) label += ` · ${day(time)} ${clock(time)}`;
    }
    setText(this.readout, label);
    this.readout.style.display = ''; // before it is measured
    const box = this.plot.getBoundingClientRect(), frame = this.readout.offsetParent?.getBoundingClientRect() ?? box;
    // Beside the line, on the side with room, so that it covers no point under the finger.
    const left = box.left - frame.left + share * box.width;
    this.readout.style.left = `${Math.round(share > 0.5 ? left - 8 - this.readout.offsetWidth : left + 8)}px`;
    setAttribute(this.plot, 'aria-valuenow', +x.toPrecision(12));
    setAttribute(this.plot, 'aria-valuetext', label + spoken);
  }

  makeReadout() {
    const readout = document.createElement('output');
    readout.className = 'readout';
    readout.setAttribute('aria-hidden', 'true'); // the slider's value text says the same
    readout.style.transform = 'none';
    $('.chart-body', this.figure).append(readout);
    return readout;
  }

  hideCursor() {
    for (const line of this.lines) {
      setText(line.output, line.standing);
      line.dot?.setAttribute('d', '');
    }
    if (this.crosshair) this.crosshair.style.display = 'none';
    if (this.readout) this.readout.style.display = 'none';
  }

  // The place on the axis under a point of the screen, moved to the nearest point of a shown line.
  valueAt(clientX) {
    const box = this.plot.getBoundingClientRect();
    return this.x.value(Math.min(1, Math.max(0, (clientX - box.left) / box.width)));
  }
  snap(x) {
    let best = x, distance = Infinity;
    for (const line of this.lines) {
      const points = this.isOff(line) ? null : this.points(line);
      if (!points?.xs.length) continue;
      const found = points.xs[nearest(points.xs, x)], away = Math.abs(found - x);
      if (away < distance && found >= this.x.from && found <= this.x.to) [best, distance] = [found, away];
    }
    return best;
  }

  // The next point at least so many pixels on; from the edge when there is no cursor yet.
  stepFrom(x, direction, pixels) {
    const line = this.lines.filter(one => !this.isOff(one)).map(one => this.points(one)).find(points => points?.xs.length);
    if (!line) return x;
    const { xs } = line, edge = direction > 0 ? this.x.from : this.x.to;
    if (x === null) return xs[nearest(xs, edge)];
    const target = this.x.share(x) + direction * pixels / Math.max(1, this.plot.clientWidth);
    let i = nearest(xs, x);
    do i += direction; while (i > 0 && i < xs.length - 1 && (this.x.share(xs[i]) - target) * direction < 0);
    return xs[Math.max(0, Math.min(xs.length - 1, i))];
  }
}

// --- Crosshair and zoom: pointers and keys -----------------------------------------------------------------

let charts = [];
let cursor = null; // {chart, axis, x}
let scheduled = 0;
const chartOf = target => { const figure = target.closest?.('figure.chart'); return charts.find(chart => chart.figure === figure); };

// One drawing per frame, however many events ask for it.
function redraw() {
  scheduled ||= requestAnimationFrame(() => {
    scheduled = 0;
    for (const chart of charts) chart.draw();
    showCursor();
    syncControls();
  });
}
function showCursor() {
  for (const chart of charts) chart.showCursor(cursor && cursor.axis === chart.axis ? cursor.x : null);
}
function setCursor(chart, x) {
  cursor = x === null ? null : { chart, axis: chart.axis, x };
  requestAnimationFrame(showCursor);
}
// First interaction: exact values come; until then the drawing's own are shown.
let wanted = null;
function want() {
  wanted ??= loadShown().then(() => { wanted = null; redraw(); });
  return wanted;
}
const wantOnce = () => { if (charts.some(chart => chart.lines.some(line => !runs.has(line.run) || runs.get(line.run).stale))) want(); };

function zoomTo(chart, from, to) {
  if (from > to) [from, to] = [to, from];
  const [low, high] = chart.extent();
  [from, to] = [Math.max(from, low), Math.min(to, high)];
  if (!(to - from > (high - low) * 1e-7)) return;
  view.zoom = from <= low && to >= high ? null : { axis: chart.axis, from, to };
  want(); saveView(); redraw();
  announce(view.zoom ? `Zoomed to ${position(chart.axis, from)} to ${position(chart.axis, to)}` : 'Zoom reset');
}
function zoomBy(chart, factor) { // around the cursor where there is one, else the middle
  const share = cursor && cursor.axis === chart.axis ? Math.min(1, Math.max(0, chart.x.share(cursor.x))) : 0.5;
  zoomTo(chart, chart.x.value(share - share * factor), chart.x.value(share + (1 - share) * factor));
}
const resetZoom = () => { if (view.zoom) { view.zoom = null; saveView(); redraw(); announce('Zoom reset'); } };
const announce = text => setText($('#announce'), text);

const fingers = new Map(); // pointers down on a plot: id → {chart, x, value}
let drag = null;           // mouse selection: {chart, start, box}

function pointerDown(event) {
  const chart = event.target.closest?.('svg.plot') && chartOf(event.target);
  if (!chart) {
    if (event.pointerType === 'touch' && !event.target.closest?.('figure.chart, #chart-toolbar')) setCursor(null, null);
    return;
  }
  wantOnce();
  if (event.pointerType === 'mouse') {
    if (event.button === 0) drag = { chart, start: event.clientX, id: event.pointerId };
    return;
  }
  fingers.set(event.pointerId, { chart, x: event.clientX, value: chart.valueAt(event.clientX) });
  if (fingers.size === 1) setCursor(chart, chart.snap(chart.valueAt(event.clientX)));
}

function pointerMove(event) {
  if (drag) { dragTo(event); return; }
  const finger = fingers.get(event.pointerId);
  if (finger) {
    finger.x = event.clientX;
    if (fingers.size === 2) pinch();
    else if (fingers.size === 1) setCursor(finger.chart, finger.chart.snap(finger.chart.valueAt(event.clientX)));
    return;
  }
  if (event.pointerType === 'touch') return;
  const chart = event.target.closest?.('svg.plot') && chartOf(event.target);
  if (chart) { wantOnce(); setCursor(chart, chart.snap(chart.valueAt(event.clientX))); }
  else if (cursor && document.activeElement !== cursor.chart?.plot) setCursor(null, null);
}

function dragTo(event) {
  const { chart, start } = drag, box = chart.plot.getBoundingClientRect();
  const clamp = x => Math.min(box.right, Math.max(box.left, x));
  const [left, right] = [clamp(Math.min(start, event.clientX)), clamp(Math.max(start, event.clientX))];
  if (!drag.box) {
    if (right - left < 5) return; // a click, not a drag
    drag.box = svg('rect', 'selection', chart.plot);
    drag.box.setAttribute('height', chart.height);
    chart.plot.setPointerCapture?.(drag.id);
  }
  drag.box.setAttribute('x', (left - box.left) / box.width * chart.width);
  drag.box.setAttribute('width', (right - left) / box.width * chart.width);
  drag.range = [chart.valueAt(left), chart.valueAt(right)];
}

function pointerUp(event) {
  fingers.delete(event.pointerId);
  if (!drag) return;
  const { chart, range } = drag;
  endDrag();
  if (range && event.type === 'pointerup') zoomTo(chart, ...range);
}
function endDrag() { drag?.box?.remove(); drag = null; }

// Both fingers keep the values they were put down on.
function pinch() {
  const [a, b] = [...fingers.values()];
  if (a.chart !== b.chart || Math.abs(a.x - b.x) < 10) return;
  const chart = a.chart, box = chart.plot.getBoundingClientRect(), scale = makeScale(chart.x.log, ...chart.extent());
  const [va, vb] = [scale.share(a.value), scale.share(b.value)], [sa, sb] = [a, b].map(one => (one.x - box.left) / box.width);
  const length = (vb - va) / (sb - sa);
  if (!(length > 0)) return;
  zoomTo(chart, scale.value(va - sa * length), scale.value(va + (1 - sa) * length));
}

function keyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const item = event.target.closest?.('.legend li[tabindex]');
  if (item && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); toggleLine(item); return; }
  const chart = event.target.matches?.('svg.plot') && chartOf(event.target);
  if (!chart) return;
  const here = cursor?.axis === chart.axis ? cursor.x : null, pixels = event.shiftKey ? 40 : 1;
  const move = x => {
    if (x !== null && view.zoom && (x < chart.x.from || x > chart.x.to)) { // the window follows the cursor
      const shift = x < chart.x.from ? x - chart.x.from : x - chart.x.to;
      zoomTo(chart, chart.x.from + shift, chart.x.to + shift);
    }
    wantOnce();
    setCursor(chart, x);
  };
  switch (event.key) {
    case 'ArrowLeft': move(chart.stepFrom(here, -1, pixels)); break;
    case 'ArrowRight': move(chart.stepFrom(here, 1, pixels)); break;
    case 'Home': move(chart.snap(chart.x.from)); break;
    case 'End': move(chart.snap(chart.x.to)); break;
    case '+': case '=': zoomBy(chart, 0.5); break;
    case '-': zoomBy(chart, 2); break;
    case '0': resetZoom(); break;
    case 'Escape': endDrag(); move(null); break;
    default: return;
  }
  event.preventDefault();
}

// --- Controls ----------------------------------------------------------------------------------------------

function toggleLine(item) {
  const chart = chartOf(item), line = chart?.lines.find(one => one.item === item);
  if (!line) return;
  const key = chart.key(line);
  view.off.has(key) ? view.off.delete(key) : view.off.add(key);
  want(); saveView(); redraw();
}

// The comparison's runs: those the build drew, and those the reader added.
const picker = () => $$('#run-picker input[name="run"]');
const isRunShown = id => picker().some(box => box.value === id && (box.defaultChecked || view.on.has(id))) && !view.off.has('run:' + id);
const shownRuns = () => picker().map(box => box.value).filter(isRunShown);

function assignRun(node, run, box) {
  node.dataset.run = run;
  node.classList.remove(...[...node.classList].filter(name => /^[cd]\d$/.test(name)));
  node.classList.add(...(box?.dataset.color || 'c0').split(' ').filter(Boolean));
}

function pickRun(box) {
  const id = box.value;
  if (box.checked) { view.off.delete('run:' + id); if (!box.defaultChecked) view.on.add(id); }
  else box.defaultChecked ? view.off.add('run:' + id) : view.on.delete(id);
  saveView(); redraw(); // hides at once; what must be fetched follows
  loadShown().then(chooseMetric).then(redraw);
}

// Shows the figures of one metric. A metric without a figure gets a copy of one, filled from series.json.
async function chooseMetric() {
  const select = $('#metric'), box = $('#compare-charts');
  if (!select || !box) return;
  const metric = [...select.options].some(option => option.value === view.metric) ? view.metric : '';
  for (const chart of charts.filter(one => one.isMade && one.lines[0].name !== metric)) chart.figure.remove();
  charts = charts.filter(chart => chart.figure.isConnected);
  const shows = chart => chart.lines.some(line => line.name === metric);
  if (metric && charts.length && !charts.some(shows)) {
    await loadShown();
    const run = shownRuns().find(id => loaded(id)?.series.has(metric));
    if (run && view.metric === metric && !charts.some(shows)) charts.push(makeFigure(metric, run, box));
  }
  for (const chart of charts) chart.figure.hidden = metric !== '' && !shows(chart);
  redraw();
}

function makeFigure(metric, run, parent) {
  const figure = charts[0].figure.cloneNode(true);
  const series = loaded(run).series.get(metric), finite = [...series.y].filter(Number.isFinite);
  const [low, high] = finite.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
  const [from, to] = [series.x[0] ?? 0, series.x.at(-1) ?? 1];
  Object.assign(figure.dataset, {
    chart: 'chosen', axis: loaded(run).axis, xscale: 'linear', yscale: 'linear',
    x0: from, x1: to > from ? to : from + 1, y0: finite.length ? low : 0, y1: high > low ? high : low + 1 || 1,
  });
  figure.id = 'chart-chosen';
  figure.hidden = false;
  for (const node of $$('[id]', figure)) node.removeAttribute('id');
  for (const node of $$('.clipped, .chart-table, .readout, .crosshair, .legend li:not(:first-child), g.series:not(:last-of-type)', figure)) node.remove();
  $('svg.plot', figure).removeAttribute('aria-labelledby');
  setAttribute($('svg.plot', figure), 'aria-label', metric);
  for (const node of $$('figcaption h3, svg.plot > title', figure)) node.textContent = metric;
  $('svg.plot > desc', figure)?.remove();
  const box = $(`#run-picker input[value="${CSS.escape(run)}"]`);
  for (const node of $$('.legend li, g.series', figure)) { node.dataset.series = metric; assignRun(node, run, box); }
  setText($('.legend .label', figure), $('bdi', box?.closest('label') ?? figure)?.textContent || run);
  setText($('.legend output', figure), '');
  $('g.series', figure).replaceChildren();
  parent.append(figure);
  const chart = new Chart(figure);
  Object.assign(chart, { isMade: true, furniture: [] });
  chart.lines[0].added = true;
  return chart;
}

// Controls show the state; they never hold it, so a swapped control loses nothing.
function syncControls() {
  const toolbar = $('#chart-toolbar');
  if (toolbar) {
    toolbar.hidden = false;
    const smoothing = $('#smoothing'), series = charts.flatMap(chart => chart.lines)
      .map(line => loaded(line.run)?.series.get(line.name)).filter(one => one?.smooth.length);
    if (smoothing) {
      const strongest = Math.max(0, ...series.map(one => one.smooth.length));
      if (strongest) setAttribute(smoothing, 'max', strongest);
      const level = Math.min(view.smooth ?? +smoothing.defaultValue, +smoothing.max);
      if (+smoothing.value !== level) smoothing.value = level;
      const halfLife = series.find(one => one.smooth.length >= level)?.smooth[level - 1]?.halfLife;
      const text = level === 0 ? 'off' : halfLife ? `half-life ${number(halfLife)} ${loaded(charts[0]?.lines[0]?.run)?.axis === 'step' ? 'steps' : ''}`.trim() : `${level} of ${smoothing.max}`;
      setText($('#smoothing-value'), text);
      setAttribute(smoothing, 'aria-valuetext', text);
    }
    const axis = $('#axis');
    if (axis && charts.length) {
      const chosen = view.axis ?? charts[0].drawn.axis;
      if (axis.value !== chosen) axis.value = chosen;
    }
    const check = (id, checked) => { const box = $(id); if (box) box.checked = checked; };
    check('#log-x', view.logX);
    check('#outliers', view.all);
    const logs = charts.filter(chart => chart.drawn.y.log).length;
    check('#log-y', view.logY ?? (logs > 0 && logs === charts.length));
    if ($('#log-y')) $('#log-y').indeterminate = view.logY === null && logs > 0 && logs < charts.length;
    if ($('#zoom-reset')) $('#zoom-reset').disabled = !view.zoom;
  }
  for (const box of picker()) { box.disabled = false; box.checked = isRunShown(box.value); }
  const metric = $('#metric');
  if (metric) {
    metric.closest('label').hidden = false;
    if (metric.value !== view.metric) metric.value = view.metric;
  }
  syncFilter();
  syncTheme();
}

function syncFilter() {
  const field = $('#run-filter');
  if (!field) return;
  $('#index-tools').hidden = false;
  if (field.value !== view.filter) field.value = view.filter;
  const words = view.filter.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const run of $$('#runs > li.run')) {
    const text = [run.dataset.name, run.dataset.run, run.dataset.status].join(' ').toLowerCase();
    run.hidden = !words.every(word => text.includes(word));
    shown += run.hidden ? 0 : 1;
  }
  const empty = $('#run-filter-empty');
  if (empty) empty.hidden = shown > 0;
}

function changed(event) {
  const { id, name, value, checked } = event.target;
  if (name === 'run' && event.target.closest('#run-picker')) { pickRun(event.target); return; }
  switch (id) {
    case 'smoothing': view.smooth = value === event.target.defaultValue ? null : +value; break;
    case 'axis':
      view.axis = charts.every(chart => chart.drawn.axis === value) ? null : value;
      view.zoom = null; setCursor(null, null);
      break;
    case 'log-x': view.logX = checked; break;
    case 'log-y': view.logY = charts.every(chart => chart.drawn.y.log === checked) ? null : checked; break;
    case 'outliers': view.all = checked; break;
    case 'metric': view.metric = value; chooseMetric(); break;
    case 'run-filter': view.filter = value; syncFilter(); break;
    default: return;
  }
  if (id !== 'run-filter') want();
  saveView(); redraw();
}

function clicked(event) {
  const item = event.target.closest?.('.legend li[tabindex]');
  if (item) { toggleLine(item); return; }
  const button = event.target.closest?.('button');
  const chart = cursor?.chart ?? charts.find(one => !one.figure.hidden);
  switch (button?.id) {
    case 'theme': nextTheme(); break;
    case 'zoom-reset': resetZoom(); break;
    case 'zoom-in': if (chart) zoomBy(chart, 0.5); break;
    case 'zoom-out': if (chart) zoomBy(chart, 2); break;
  }
}

const themes = ['auto', 'light', 'dark'];
let theme = store('localStorage', 'voxsite-theme') ?? 'auto';
function syncTheme() {
  if (!themes.includes(theme)) theme = 'auto';
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else setAttribute(document.documentElement, 'data-theme', theme);
  const button = $('#theme');
  if (button) { button.hidden = false; setText($('.theme-name', button) ?? button, theme); }
}
function nextTheme() {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  store('localStorage', 'voxsite-theme', theme === 'auto' ? null : theme);
  syncTheme();
}

// --- Times -------------------------------------------------------------------------------------------------

let clockOffset = 0; // the host's clock less ours, in seconds: a phone set wrong must not call a run silent
const now = () => Date.now() / 1000 + clockOffset;

function age(seconds) {
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

const finishes = new Map(); // place on the page → the finish shown, eased towards the newest estimate
function tick() {
  const time = now();
  for (const node of $$('time[data-time]')) {
    const at = +node.dataset.time;
    if (!Number.isFinite(at)) continue;
    if (!node.title) node.title = node.textContent;
    setText(node, 'relative' in node.dataset && time - at < 30 * 86400 ? age(time - at) : localTime(at));
  }
  for (const node of $$('.status[data-silent-after]')) {
    const after = +node.dataset.silentAfter;
    if (node.dataset.status !== 'running' || !(time > after)) continue;
    node.dataset.status = 'silent';
    const since = +(node.dataset.since ?? after);
    node.textContent = 'silent since ' + (time - since < 86400 ? clock(since) : localTime(since));
  }
  $$('[data-eta]').forEach((node, index) => {
    const key = (node.closest('[id]')?.id ?? '') + index, target = +node.dataset.eta;
    if (!Number.isFinite(target)) return;
    const shown = finishes.get(key), left = target - time;
    // A new estimate is approached, a tenth of the difference a second, unless it is another story altogether.
    const eased = shown === undefined || Math.abs(target - shown) > 0.5 * Math.max(60, left) ? target : shown + (target - shown) * 0.1;
    finishes.set(key, eased);
    setText(node, eased - time < 1 ? 'moments' : duration(eased - time));
  });
}

// --- Live: news from the server, or polling where there is none ---------------------------------------------

// What the host sent, node by node beside what is on the page: comparing two answers of the host tells what
// changed, whatever the script has done to the page since.
let sent = null;
const onPage = new WeakMap(); // node of `sent` → node on the page

function pairUp(node, live) {
  onPage.set(node, live);
  for (let a = node.firstChild, b = live.firstChild; a && b; a = a.nextSibling, b = b.nextSibling) pairUp(a, b);
}
function carry(before, after) { // equal subtrees: the new copy stands for the same nodes of the page
  onPage.set(after, onPage.get(before));
  for (let a = before.firstChild, b = after.firstChild; a && b; a = a.nextSibling, b = b.nextSibling) carry(a, b);
}
// The failure notice is ours to show and clear; without scripts `noscript` parses to other nodes.
const neutral = body => { for (const node of $$('.build-error, noscript', body)) node.remove(); return body; };

// Swapped whole: what the script or the browser keeps state in, and drawings.
const whole = 'figure.chart, svg, time, .status, [data-eta], output, input, select, textarea, video, audio';

function create(node) {
  const live = document.importNode(node, true);
  pairUp(node, live);
  return live;
}

function swap(live, node) {
  const busy = [live, ...(live.querySelectorAll?.('video, audio') ?? [])].find(one => one instanceof HTMLMediaElement && !one.paused);
  if (busy) { // never interrupt a clip: swap when it stops
    onPage.set(node, live);
    busy.addEventListener('pause', () => { live.replaceWith(create(node)); }, { once: true });
    return live;
  }
  const fresh = create(node);
  if (live.nodeType === 1) {
    const opened = $$('details', live).map(one => one.open);
    $$('details', fresh).forEach((one, index) => { if (index < opened.length) one.open = opened[index]; });
    const scrolled = $$('*', live).filter(one => one.scrollLeft || one.scrollTop).map(one => [path(one, live), one.scrollLeft, one.scrollTop]);
    const focused = live.contains(document.activeElement) ? path(document.activeElement, live) : null;
    live.replaceWith(fresh);
    for (const [steps, left, top] of scrolled) follow(steps, fresh)?.scrollTo(left, top);
    if (fresh.matches('figure.chart')) adoptChart(live, fresh); // makes the plot focusable again
    if (focused) follow(focused, fresh)?.focus({ preventScroll: true });
  } else live.replaceWith(fresh);
  return fresh;
}
const path = (node, top) => {
  const steps = [];
  for (; node !== top; node = node.parentNode) steps.unshift([...node.parentNode.children].indexOf(node));
  return steps;
};
const follow = (steps, top) => steps.reduce((node, index) => node?.children[index], top);

// Brings the page from one answer to the next by the smallest swaps; returns the node now on the page.
function patch(before, after) {
  const live = onPage.get(before);
  if (before.isEqualNode(after)) { carry(before, after); return live; }
  if (before.nodeType === 3) { onPage.set(after, live); live.data = after.data; return live; }
  if (before.nodeType !== 1 || before.localName !== after.localName || before.matches(whole)) return swap(live, after);
  onPage.set(after, live);
  for (const { name } of [...before.attributes]) if (!after.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of after.attributes) if (before.getAttribute(name) !== value) live.setAttribute(name, value);
  patchChildren(before, after, live);
  return live;
}

// Children with an id find each other by it; the others by their order.
function patchChildren(before, after, live) {
  const named = new Map(), others = [];
  for (const child of before.childNodes) child.id ? named.set(child.id, child) : others.push(child);
  const order = [...after.childNodes].map(child => {
    let match = null;
    if (child.id) { match = named.get(child.id); named.delete(child.id); }
    else {
      const index = others.findIndex(other => other.nodeName === child.nodeName);
      if (index >= 0) match = others.splice(index, 1)[0];
    }
    return match ? patch(match, child) : create(child);
  });
  for (const child of [...named.values(), ...others]) onPage.get(child)?.remove();
  let next = null;
  for (const node of order.reverse()) { // move only what is out of order: moving a node resets it
    const inPlace = node.parentNode === live && (!next || node.compareDocumentPosition(next) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (!inPlace) live.insertBefore(node, next);
    next = node;
  }
}

function adoptChart(old, figure) {
  const index = charts.findIndex(chart => chart.figure === old);
  const chart = new Chart(figure);
  if (index >= 0) charts[index] = chart; else charts.push(chart);
  if (cursor?.chart.figure === old) cursor.chart = chart;
  chart.figure.hidden = Boolean(old.hidden);
}

function adopt() { // after swaps: charts that came or went, controls, times
  charts = charts.filter(chart => chart.figure.isConnected);
  for (const figure of $$('figure.chart')) if (!charts.some(chart => chart.figure === figure) && $('svg.plot', figure)) charts.push(new Chart(figure));
  const rank = new Map($$('figure.chart').map((figure, index) => [figure, index]));
  charts.sort((a, b) => rank.get(a.figure) - rank.get(b.figure));
  for (const chart of charts) chart.draw();
  showCursor(); syncControls(); tick();
  if (view.metric) chooseMetric();
}

let lastText = null, isBusy = false, isDue = false;
async function refresh() {
  if (document.hidden || isBusy) { isDue = true; return; } // caught up on when seen, or after this one
  isBusy = true; isDue = false;
  const started = performance.now();
  try {
    const response = await fetch(pageURL, { cache: 'no-cache', headers: { Accept: 'text/html' } });
    if (!response.ok && response.status >= 500) throw new Error(response.status);
    const offset = Date.parse(response.headers.get('Date')) / 1000 + 0.5 - Date.now() / 1000;
    clockOffset = Math.abs(offset) > 5 ? offset : 0;
    const text = await response.text();
    if (response.ok && text !== lastText) { // a page that is gone keeps its last state
      const page = new DOMParser().parseFromString(text, 'text/html');
      showFailure($('.build-error', page)?.cloneNode(true) ?? null);
      neutral(page.body);
      if (!sent.isEqualNode(page.body)) {
        for (const entry of runs.values()) entry.stale = true;
        if (!isFile && (!isDefaultView() || view.metric || cursor)) await loadShown(); // so that no frame shows another view
        patch(sent, page.body);
        sent = page.body;
        adopt();
      }
      if (page.title) document.title = page.title;
      lastText = text;
    }
    reached();
  } catch { lost(); }
  isBusy = false;
  // A slow link or a busy phone gets rests in proportion.
  if (isDue) setTimeout(refresh, Math.min(5000, Math.max(250, 3 * (performance.now() - started))));
}

// The notice of a failed build, as the server puts it into pages; null when builds succeed again.
function showFailure(notice) {
  const shown = $('.build-error');
  if (notice && shown?.textContent === notice.textContent) return;
  shown?.remove();
  if (!notice) return;
  const skip = $('a.skip');
  skip ? skip.after(notice) : document.body.prepend(notice);
}
function failureNotice(message) {
  const make = (name, ...content) => { const node = document.createElement(name); node.append(...content); return node; };
  const notice = make('aside', make('p', make('strong', 'The last build failed.'), ' This is the page as it was before.'), make('pre', message));
  notice.className = 'build-error';
  notice.id = 'build-error';
  notice.setAttribute('role', 'alert');
  return notice;
}

let source = null, isServed = false, poll = 0, failures = 0, lostSince = 0;
function indicate(state, text) {
  const node = $('#live');
  if (!node) return;
  node.hidden = false;
  setAttribute(node, 'data-live', state);
  setText(node, text);
}
function reached() {
  failures = 0; lostSince = 0;
  source?.readyState === 1 ? indicate('live', 'live') : indicate('polling', 'checking every 15 s');
}
function lost() {
  failures++;
  lostSince ||= now();
  indicate('offline', `offline since ${clock(lostSince)}`);
}
const again = () => Math.min(240, 15 * 2 ** Math.max(0, failures - 1)) * 1000;
function schedulePoll() {
  clearTimeout(poll);
  poll = setTimeout(async () => { await refresh(); schedulePoll(); }, again());
}

function listen() {
  if (isFile || document.hidden || source) return;
  const root = rootURL();
  source = new EventSource(new URL('events', root));
  source.onopen = () => { isServed = true; clearTimeout(poll); refresh(); }; // something may have changed before
  source.onerror = () => {
    if (source.readyState === 2) { // refused: a plain host has no events, ours may be starting again
      source = null;
      if (isServed) { lost(); setTimeout(listen, Math.min(30, 2 ** failures) * 1000); } else { refresh(); schedulePoll(); }
    } else if (isServed) lost();   // the browser tries again by itself
  };
  source.addEventListener('changed', event => {
    const news = JSON.parse(event.data);
    let here = decodeURIComponent(location.pathname.slice(decodeURI(root.pathname).length ? root.pathname.length : 0));
    if (here === '' || here.endsWith('/')) here += 'index.html';
    if (news.all || news.paths?.includes(here)) refresh();
  });
  source.addEventListener('build-failed', event => showFailure(failureNotice(JSON.parse(event.data).message)));
  source.addEventListener('build-recovered', () => { showFailure(null); refresh(); });
}

// Out of sight a page rests: no open connection (a browser has six a host), no polling.
function seen() {
  if (document.hidden) { source?.close(); source = null; clearTimeout(poll); return; }
  tick();
  if (isServed || !poll) listen(); else { refresh(); schedulePoll(); }
}

// --- Boot --------------------------------------------------------------------------------------------------

syncTheme(); // before the first paint where the page loads this script early

function boot() {
  sent = document.body.cloneNode(true);
  pairUp(sent, document.body);
  neutral(sent);
  restoreView();
  charts = $$('figure.chart').filter(figure => $('svg.plot', figure)).map(figure => new Chart(figure));
  syncControls();
  if (!isDefaultView() || view.metric) { redraw(); want().then(chooseMetric); }
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  on('pointerdown', pointerDown); on('pointermove', pointerMove); on('pointerup', pointerUp); on('pointercancel', pointerUp);
  on('pointerleave', event => { if (event.pointerType === 'mouse' && document.activeElement !== cursor?.chart.plot) setCursor(null, null); });
  on('dblclick', event => { if (event.target.closest?.('svg.plot')) { event.preventDefault(); resetZoom(); } });
  on('keydown', keyDown); on('click', clicked); on('input', changed);
  on('submit', event => { if (event.target.matches('#chart-toolbar, #index-tools, #compare-tools')) event.preventDefault(); });
  on('focusin', event => { if (event.target.closest?.('#chart-toolbar')) wantOnce(); });
  on('visibilitychange', () => { seen(); if (!document.hidden && isDue) refresh(); });
  addEventListener('pagehide', () => { source?.close(); source = null; });
  addEventListener('pageshow', event => { if (event.persisted) seen(); });
  addEventListener('hashchange', () => { if (location.hash.startsWith('#view?')) { restoreView(); want().then(chooseMetric); redraw(); } });
  addEventListener('resize', () => { if (!isDefaultView()) redraw(); });
  tick();
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  listen();
}
document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', boot) : boot();
