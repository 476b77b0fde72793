// landmarks.js: says where the eyes and the mouth of a photograph are, by points that are dragged, tapped or moved by
// keys. Opened by speak.js. Points are kept in pixels of the photograph as it is shown; the server has shares of it.

const $ = id => document.getElementById(id);

// What each point is called, and where it belongs. Left and right are those of the picture.
const parts = {
  leftEyeOuter: ['Left eye, outer corner', 'Where the lids meet, towards the ear.'],
  leftEyeInner: ['Left eye, inner corner', 'Where the lids meet, towards the nose.'],
  leftEyeTop: ['Left eye, upper lid', 'The highest place of its edge.'],
  leftEyeBottom: ['Left eye, lower lid', 'The lowest place of its edge.'],
  rightEyeInner: ['Right eye, inner corner', 'Where the lids meet, towards the nose.'],
  rightEyeOuter: ['Right eye, outer corner', 'Where the lids meet, towards the ear.'],
  rightEyeTop: ['Right eye, upper lid', 'The highest place of its edge.'],
  rightEyeBottom: ['Right eye, lower lid', 'The lowest place of its edge.'],
  leftBrow: ['Left eyebrow', 'Its middle.'],
  rightBrow: ['Right eyebrow', 'Its middle.'],
  noseTip: ['Tip of the nose', 'The middle of the tip.'],
  mouthLeft: ['Left mouth corner', 'Where the lips meet.'],
  mouthRight: ['Right mouth corner', 'Where the lips meet.'],
  upperLipTop: ['Upper lip, upper edge', 'In the middle, where the skin begins.'],
  upperLipBottom: ['Upper lip, lower edge', 'In the middle, where the mouth opens.'],
  lowerLipTop: ['Lower lip, upper edge', 'In the middle, where the mouth opens; on the upper lip where it is shut.'],
  lowerLipBottom: ['Lower lip, lower edge', 'In the middle, where the skin begins.'],
  chin: ['Chin', 'Its lowest place.'],
  faceLeft: ['Left edge of the face', 'At the height of the ear.'],
  faceRight: ['Right edge of the face', 'At the height of the ear.'],
  foreheadTop: ['Top of the forehead', 'Where the hair begins.'],
};
const pairs = [['leftEyeOuter', 'rightEyeOuter'], ['leftEyeInner', 'rightEyeInner'], ['leftEyeTop', 'rightEyeTop'],
  ['leftEyeBottom', 'rightEyeBottom'], ['leftBrow', 'rightBrow'], ['mouthLeft', 'mouthRight'], ['faceLeft', 'faceRight']];
const partner = Object.fromEntries(pairs.flatMap(([a, b]) => [[a, b], [b, a]]));
const stills = ['At rest', 'Mouth open', 'Lips rounded', 'Eyes shut'];
const zooms = [1, 1.5, 2, 3, 4, 6];

const drafts = new Map(); // what was moved and not saved, by photograph: closing loses nothing
let open = null; // what is being placed

// --- Geometry ---------------------------------------------------------------------------------------------

const add = (a, b) => [a[0] + b[0], a[1] + b[1]];
const less = (a, b) => [a[0] - b[0], a[1] - b[1]];
const mean = list => list.reduce(add, [0, 0]).map(sum => sum / list.length);
const square = v => v[0] * v[0] + v[1] * v[1];
const inside = ([x, y]) => [Math.min(Math.max(x, 0), open.width), Math.min(Math.max(y, 0), open.height)];
const eyeDistance = points => Math.sqrt(square(less(points.rightEyeOuter, points.leftEyeOuter)));

// Where points go that nobody has touched: turned, scaled and moved with those that were (least squares), and then
// drawn along by their neighbours among those (inverse distances, Shepard 1968).
function follow(base, points, touched) {
  const placed = [...touched];
  const [from, to] = [mean(placed.map(part => base[part])), mean(placed.map(part => points[part]))];
  const unit = eyeDistance(base);
  let [cos, sin, spread] = [0, 0, 0];
  for (const part of placed) {
    const [p, q] = [less(base[part], from), less(points[part], to)];
    cos += p[0] * q[0] + p[1] * q[1];
    sin += p[0] * q[1] - p[1] * q[0];
    spread += square(p);
  }
  // Points close together say nothing about the size of the face.
  const [c, s] = spread > 0.3 * unit * unit ? [cos / spread, sin / spread] : [1, 0];
  const carried = part => {
    const p = less(base[part], from);
    return add(to, [c * p[0] - s * p[1], s * p[0] + c * p[1]]);
  };
  const rests = placed.map(part => [base[part], less(points[part], carried(part))]);
  for (const part of Object.keys(parts)) {
    if (touched.has(part)) continue;
    let [x, y, sum] = [0, 0, 0];
    for (const [place, rest] of rests) {
      const weight = 1 / (square(less(base[part], place)) + 0.01 * unit * unit) ** 1.5;
      x += weight * rest[0];
      y += weight * rest[1];
      sum += weight;
    }
    points[part] = inside(add(carried(part), [x / sum, y / sum]));
  }
}

// The line that halves the face: a place on it, and the direction across.
function axis(points) {
  const middles = pairs.map(([a, b]) => mean([points[a], points[b]]));
  const across = mean(pairs.map(([a, b]) => less(points[b], points[a])));
  const length = Math.sqrt(square(across)) || 1;
  return { place: mean(middles), normal: across.map(value => value / length) };
}

function mirrored(point, { place, normal }) {
  const away = less(point, place);
  const distance = away[0] * normal[0] + away[1] * normal[1];
  return less(point, [2 * distance * normal[0], 2 * distance * normal[1]]);
}

// --- Drawing ----------------------------------------------------------------------------------------------

const place = ([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`;
// A curve through three points whose middle one is its top.
const arc = (a, top, b) => `Q${place(less([2 * top[0], 2 * top[1]], mean([a, b])))} ${place(b)}`;

function outline(p) {
  const [left, right] = [p.faceLeft, p.faceRight];
  const radius = Math.abs(right[0] - left[0]) / 2, half = Math.abs(p.chin[1] - p.foreheadTop[1]) / 2;
  const middle = [(left[0] + right[0]) / 2, (p.chin[1] + p.foreheadTop[1]) / 2];
  const eye = side => {
    const [a, b] = [p[`${side}EyeOuter`], p[`${side}EyeInner`]];
    return `M${place(a)}${arc(a, p[`${side}EyeTop`], b)}${arc(b, p[`${side}EyeBottom`], a)}`;
  };
  const lip = part => `M${place(p.mouthLeft)}${arc(p.mouthLeft, p[part], p.mouthRight)}`;
  return [
    `M${place([middle[0] - radius, middle[1]])}a${radius} ${half} 0 1 0 ${2 * radius} 0a${radius} ${half} 0 1 0 ${-2 * radius} 0`,
    eye('left'), eye('right'), ...['upperLipTop', 'upperLipBottom', 'lowerLipTop', 'lowerLipBottom'].map(lip),
  ].join('');
}

function draw() {
  const { points, width, height, handles, active, touched } = open;
  for (const [part, handle] of Object.entries(handles)) {
    handle.style.left = `${100 * points[part][0] / width}%`;
    handle.style.top = `${100 * points[part][1] / height}%`;
    handle.classList.toggle('placed', touched.has(part));
    handle.classList.toggle('active', part === active);
    handle.setAttribute('aria-current', String(part === active));
  }
  for (const path of [$('rig-outline-under'), $('rig-outline')]) path.setAttribute('d', outline(points));
  const line = axis(points);
  const long = 2 * Math.abs(points.chin[1] - points.foreheadTop[1]);
  const along = [-line.normal[1] * long / 2.6, line.normal[0] * long / 2.6];
  const other = partner[active];
  let help = `M${place(less(line.place, along))}L${place(add(line.place, along))}`;
  if (other) help += `M${place(points[other])}L${place(mirrored(points[other], line))}`;
  for (const path of [$('rig-help-under'), $('rig-help-line')]) path.setAttribute('d', help);
  const ghost = $('rig-ghost');
  ghost.toggleAttribute('hidden', !other);
  if (other) {
    const [x, y] = mirrored(points[other], line);
    ghost.style.left = `${100 * x / width}%`;
    ghost.style.top = `${100 * y / height}%`;
  }
  $('rig-name').textContent = parts[active][0];
  $('rig-hint').textContent = parts[active][1];
  $('rig-mirror').disabled = !other;
  $('rig-undo').disabled = open.past.length === 0;
  $('rig-count').textContent = `${touched.size} of ${Object.keys(parts).length} placed`;
  loupe();
}

function loupe() {
  const canvas = $('rig-loupe'), context = canvas.getContext('2d');
  const [x, y] = open.points[open.active];
  const size = Math.max(24, eyeDistance(open.points) * 0.6); // of the photograph, in pixels
  context.fillStyle = '#222';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage($('rig-photo'), x - size / 2, y - size / 2, size, size, 0, 0, canvas.width, canvas.height);
  const middle = canvas.width / 2;
  for (const [color, width] of [['#000a', 4], ['#fff', 1.5]]) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(middle + 7 * dx, middle + 7 * dy);
      context.lineTo(middle + 26 * dx, middle + 26 * dy);
    }
    context.stroke();
  }
}

let telling = 0;
function tell() { // to those who do not see it, when the point has come to rest
  clearTimeout(telling);
  telling = setTimeout(() => {
    if (!open?.points) return;
    const [x, y] = open.points[open.active];
    $('rig-place').textContent = `${(100 * x / open.width).toFixed(1)} % across, ${(100 * y / open.height).toFixed(1)} % down`;
  }, 300);
}

// --- Moving -----------------------------------------------------------------------------------------------

function choose(part) {
  if (open.active === part) return;
  open.active = part;
  draw();
  tell();
}

function note() { // what Undo goes back to
  open.past.push({ points: structuredClone(open.points), touched: new Set(open.touched), active: open.active });
  if (open.past.length > 200) open.past.shift();
}

function move(part, point) {
  open.points[part] = inside(point);
  open.touched.add(part);
  follow(open.base, open.points, open.touched);
  drafts.set(open.id, open);
  complain('');
  draw();
  tell();
}

function undo() {
  const last = open.past.pop();
  if (!last) return;
  Object.assign(open, { points: last.points, touched: last.touched, active: last.active });
  complain('');
  draw();
  tell();
}

function again() {
  note();
  open.points = structuredClone(open.base);
  open.touched = new Set(open.placed ? Object.keys(parts) : []);
  complain('');
  draw();
}

function mirror() {
  const other = partner[open.active];
  if (!other) return;
  note();
  const line = axis(open.points);
  const from = open.active;
  move(other, mirrored(open.points[from], line));
}

// Of points that overlap, the nearest is meant.
function nearest(event) {
  const box = $('rig-sheet').getBoundingClientRect();
  const at = [(event.clientX - box.left) / box.width * open.width, (event.clientY - box.top) / box.height * open.height];
  const distance = part => square(less(open.points[part], at));
  const part = Object.keys(parts).reduce((best, next) => distance(next) < distance(best) ? next : best);
  return { part, scale: [open.width / box.width, open.height / box.height] };
}

function press(event) {
  if (!event.target.closest('.rig-point') || event.button !== 0 || open.drag) return;
  event.preventDefault();
  const { part, scale } = nearest(event);
  // The finger keeps its distance from the point, so that it does not hide it.
  open.drag = { id: event.pointerId, part, start: [event.clientX, event.clientY], from: [...open.points[part]], scale, moved: false };
  choose(part);
  open.handles[part].focus({ preventScroll: true });
  $('rig-sheet').setPointerCapture(event.pointerId);
}

function drag(event) {
  const held = open?.drag;
  if (held?.id !== event.pointerId) return;
  const way = less([event.clientX, event.clientY], held.start);
  if (!held.moved && square(way) < 4) return; // a tap that trembles
  if (!held.moved) note();
  held.moved = true;
  move(held.part, add(held.from, [way[0] * held.scale[0], way[1] * held.scale[1]]));
}

function release(event) {
  if (open?.drag?.id === event.pointerId) open.drag = null;
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function key(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    return undo();
  }
  const way = arrows[event.key];
  const part = event.target.dataset?.part;
  if (!way || !part || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!event.repeat) note();
  const step = Math.max(0.5, eyeDistance(open.points) / 100) * (event.shiftKey ? 8 : 1);
  move(part, add(open.points[part], [way[0] * step, way[1] * step]));
}

// --- Looking closer ---------------------------------------------------------------------------------------

function fit(keep) {
  const view = $('rig-view'), sheet = $('rig-sheet');
  if (!open || view.clientWidth === 0) return;
  const style = getComputedStyle(view);
  const room = parseFloat(style.maxHeight) || view.clientHeight;
  const base = Math.min(view.clientWidth, room * open.width / open.height);
  sheet.style.width = `${base * open.zoom}px`;
  sheet.style.height = `${base * open.zoom * open.height / open.width}px`;
  const [x, y] = keep || open.points[open.active];
  view.scrollLeft = x / open.width * sheet.offsetWidth - view.clientWidth / 2;
  view.scrollTop = y / open.height * sheet.offsetHeight - view.clientHeight / 2;
  $('rig-out').disabled = open.zoom === zooms[0];
  $('rig-in').disabled = open.zoom === zooms.at(-1);
}

function zoom(step) {
  const index = zooms.indexOf(open.zoom) + step;
  if (!zooms[index]) return;
  open.zoom = zooms[index];
  fit(step > 0 ? undefined : mean(Object.values(open.points)));
}

// --- The server -------------------------------------------------------------------------------------------

function complain(words) {
  const problem = $('rig-problem');
  problem.hidden = !words;
  // The server knows the points by their names in the file.
  const known = words.replace(/^points\.(\w+): it/, (all, part) => parts[part] ? `${parts[part][0]}: it` : all)
    .replace(/\b[a-z]+[A-Z]\w*\b|\bchin\b/g, part => parts[part] ? `“${parts[part][0]}”` : part);
  problem.textContent = known;
  const part = /^points\.(\w+)/.exec(words)?.[1];
  if (parts[part]) {
    choose(part);
    open.handles[part].focus();
  }
}

const shares = () => Object.fromEntries(Object.keys(parts).map(part => [part, [
  Number((open.points[part][0] / open.width).toFixed(5)), Number((open.points[part][1] / open.height).toFixed(5))]]));

async function ask(path, method, body) {
  let answer;
  try {
    answer = await fetch(path, { method, headers: open.headers(), body: body && JSON.stringify(body), cache: 'no-store' });
  } catch { throw new Error('The server cannot be reached. Is voxsite serve still running? Your points stay here; try again.'); }
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(told.error || `The server answered ${answer.status}.`), { status: answer.status });
  }
  return answer;
}

let isBusy = false;
async function working(button, task) {
  if (isBusy) return;
  isBusy = true;
  complain('');
  button.setAttribute('aria-disabled', 'true');
  $('rig-said').textContent = 'One moment…';
  let words = '';
  try { words = await task() || ''; } catch (error) { if (open) complain(error.message); } finally {
    isBusy = false;
    button.removeAttribute('aria-disabled');
    $('rig-said').textContent = words;
  }
}

async function preview() {
  const answer = await ask(`${open.url}/preview`, 'POST', { points: shares() });
  const row = await createImageBitmap(await answer.blob());
  const side = row.height;
  $('rig-stills').replaceChildren(...stills.map((words, index) => {
    const figure = document.createElement('figure'), canvas = document.createElement('canvas'), caption = document.createElement('figcaption');
    canvas.width = canvas.height = side;
    canvas.getContext('2d').drawImage(row, -index * side, 0);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${open.name}: ${words}`);
    caption.textContent = words;
    figure.append(canvas, caption);
    return figure;
  }));
  $('rig-stills').scrollIntoView({ block: 'nearest' });
  return 'This is how it moves.';
}

async function save() {
  const { saved, id } = open;
  await ask(open.url, 'PUT', { points: shares() });
  drafts.delete(id);
  $('rig').close();
  await saved(id);
}

async function download() {
  try { await ask(`${open.url}/preview`, 'POST', { points: shares() }); } catch (error) {
    if (error.status === 400) throw error; // a file that cannot be used helps nobody; without a server it still does
  }
  const name = open.name === open.stem ? {} : { name: open.name };
  const text = JSON.stringify({ image: open.image, ...name, points: shares() }, null, 2) + '\n';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = open.file;
  $('rig').append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return `${open.file} belongs beside ${open.image}.`;
}

// --- Opening ----------------------------------------------------------------------------------------------

// Lets the points of a photograph be placed.
//   url: of its rig; photo: of the picture; headers(): with the token; saved(id): what to do after that.
export async function placePoints({ id, url, photo, headers, saved }) {
  open = { headers };
  const rig = await (await ask(url, 'GET')).json();
  const bitmap = await createImageBitmap(await (await ask(photo, 'GET')).blob());
  const { width, height } = bitmap;
  const base = Object.fromEntries(Object.entries(rig.points).map(([part, [x, y]]) => [part, [x * width, y * height]]));
  const draft = drafts.get(id);
  const fresh = {
    points: structuredClone(base), touched: new Set(rig.placed ? Object.keys(parts) : []), past: [],
    active: Object.keys(parts)[0], zoom: 1,
  };
  const keeps = draft && draft.width === width && draft.height === height && draft.placed === rig.placed;
  const state = keeps ? draft : fresh;
  open = {
    ...state, id, url, headers, saved, base, width, height, placed: rig.placed, name: rig.name, image: rig.image,
    file: rig.file, stem: rig.file.replace(/\.rig\.json$/, ''), drag: null, handles: {},
  };
  $('rig-title').textContent = `Where ${open.name} has eyes and mouth`;
  const canvas = $('rig-photo');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  $('rig-lines').setAttribute('viewBox', `0 0 ${width} ${height}`);
  $('rig-points').replaceChildren(...Object.keys(parts).map(part => {
    const handle = document.createElement('button');
    handle.type = 'button';
    handle.className = 'rig-point';
    handle.dataset.part = part;
    handle.setAttribute('aria-label', parts[part][0]);
    handle.setAttribute('aria-describedby', 'rig-place');
    handle.addEventListener('focus', () => {
      choose(part);
      if (!open.drag) handle.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
    open.handles[part] = handle;
    return handle;
  }));
  $('rig-stills').replaceChildren();
  $('rig-said').textContent = keeps ? 'These are the points that you had not saved.' : '';
  $('rig-save').hidden = Boolean(rig.read_only);
  $('rig-note').hidden = !rig.read_only;
  $('rig-note').textContent = rig.read_only ? `They cannot be saved from here: ${rig.read_only}.` : '';
  complain('');
  draw();
  tell();
  $('rig').showModal();
  fit(mean(Object.values(open.points)));
  open.handles[open.active].focus({ preventScroll: true });
}

$('rig-sheet').addEventListener('pointerdown', press);
$('rig-sheet').addEventListener('pointermove', drag);
for (const end of ['pointerup', 'pointercancel']) $('rig-sheet').addEventListener(end, release);
$('rig').addEventListener('keydown', key);
$('rig-close').addEventListener('click', () => $('rig').close());
$('rig-undo').addEventListener('click', undo);
$('rig-again').addEventListener('click', again);
$('rig-mirror').addEventListener('click', mirror);
$('rig-in').addEventListener('click', () => zoom(1));
$('rig-out').addEventListener('click', () => zoom(-1));
$('rig-lines-shown').addEventListener('change', event => $('rig-sheet').classList.toggle('plain', !event.target.checked));
for (const [id, task] of [['rig-try', preview], ['rig-save', save], ['rig-download', download]]) {
  $(id).addEventListener('click', event => working(event.currentTarget, task));
}
new ResizeObserver(() => { if (open && $('rig').open) fit(); }).observe($('rig-view'));
