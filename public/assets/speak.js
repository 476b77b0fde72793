// speak.js: the page that makes clips. Asks the server what there is, sends the form, follows the job, shows the
// clip. No dependency, no build step. Everything from the server enters the page as text nodes and checked addresses.

import { placePoints } from './landmarks.js';

const $ = id => document.getElementById(id);
const root = new URL(document.body.dataset.root || './', location.href);
const api = path => new URL('api/avatar/' + path, root);
// Addresses of answers begin at the server's root; behind a proxy the site may stand deeper.
const address = path => new URL(String(path).replace(/^\/+/, ''), root).href;
const historyKey = 'voxsite-speak-history';
const historyLimit = 12;

let limit = 1000;
let job = null; // what is being made; its id comes with the server's first answer
let bestEngine = ''; // of those that are set up here: what makes the videos where nothing keeps it from doing so
let source = null; // its events
let silence = 0; // the timer that runs while they do not come
const silenceSeconds = 20; // browsers ask again every few seconds; by then nobody is there

const store = (kind, key, value) => { // storage may be forbidden or full: remembered for this visit only, then
  try {
    if (value === undefined) return window[kind].getItem(key);
    value === null ? window[kind].removeItem(key) : window[kind].setItem(key, value);
  } catch { /* nothing is kept */ }
  return null;
};

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    key in node ? node[key] = value : node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const say = text => { $('announce').textContent = text; };

// --- What there is ----------------------------------------------------------------------------------------

async function load(path) {
  const answer = await fetch(api(path), { headers: { accept: 'application/json' }, cache: 'no-store' });
  if (!answer.ok || !(answer.headers.get('content-type') || '').includes('application/json')) throw new Error(`${answer.status}`);
  return answer.json();
}

function showVoices({ voices, providers }) {
  const picker = $('speak-voice');
  const kept = picker.value || store('localStorage', 'voxsite-speak-voice');
  picker.replaceChildren(...providers.filter(provider => provider.voices > 0).map(provider => {
    const group = element('optgroup', { label: provider.name });
    for (const voice of voices) {
      if (voice.provider === provider.provider) group.append(element('option', { value: voice.voice_id }, voice.name));
    }
    return group;
  }));
  if (voices.some(voice => voice.voice_id === kept)) picker.value = kept;
  $('speak-voice-problems').replaceChildren(
    ...providers.filter(provider => provider.problem).map(provider => element('li', {}, provider.problem)));
  picker.disabled = $('speak-listen').disabled = $('speak-go').disabled = voices.length === 0;
}

let pictureVersion = 0; // pictures of photographs change with their points

function showAvatars({ avatars }, wanted) {
  const kept = wanted || document.querySelector('input[name=avatar]:checked')?.value || store('localStorage', 'voxsite-speak-avatar');
  const usable = avatars.filter(avatar => avatar.picture_url);
  const chosen = [kept, 'default', usable[0]?.avatar_id].find(id => usable.some(avatar => avatar.avatar_id === id));
  $('speak-avatars').replaceChildren(...avatars.map(avatar => {
    const label = element('label', { className: 'speak-avatar', title: avatar.about },
      element('input', {
        type: 'radio', name: 'avatar', value: avatar.avatar_id, checked: avatar.avatar_id === chosen, disabled: !avatar.picture_url,
      }),
      avatar.picture_url
        ? element('img', { src: `${address(avatar.picture_url)}?${pictureVersion}`, alt: '', width: 192, height: 192, loading: 'lazy', decoding: 'async' })
        : element('span', { className: 'blank' }, 'photo without points'),
      element('span', {}, avatar.name));
    if (!avatar.rig_url) return label;
    const words = avatar.picture_url ? 'Move the points' : 'Place the points';
    const button = element('button', { type: 'button', className: 'speak-place', 'aria-label': `${words} of ${avatar.name}` }, words);
    button.onclick = () => place(avatar, button);
    if (!avatar.picture_url) {
      showPhoto(avatar, label.querySelector('.blank'));
      label.onclick = () => place(avatar, button);
    }
    return element('div', { className: 'speak-photo' }, label, button);
  }));
  const unplaced = avatars.filter(avatar => !avatar.picture_url).map(avatar => avatar.name);
  const words = $('speak-avatar-problem');
  words.hidden = unplaced.length === 0;
  words.textContent = `Where the eyes and the mouth of ${unplaced.join(', ')} are is not known yet: place the points.`;
}

async function showPhoto(avatar, blank) { // as far as one may see it
  try {
    const answer = await fetch(address(avatar.rig_url).replace(/rig$/, 'photo'), { headers: headers() });
    if (!answer.ok) return;
    const bitmap = await createImageBitmap(await answer.blob());
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = element('canvas', { className: 'blank', width: 192, height: 192 });
    canvas.getContext('2d').drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) * 0.35, side, side, 0, 0, 192, 192);
    bitmap.close();
    blank.replaceWith(canvas);
  } catch { /* the words stay */ }
}

async function place(avatar, button) { // where a photograph's eyes and mouth are
  fail('');
  button.setAttribute('aria-disabled', 'true');
  try {
    const url = address(avatar.rig_url);
    await placePoints({
      id: avatar.avatar_id, url, photo: url.replace(/rig$/, 'photo'), headers,
      saved: async id => {
        pictureVersion += 1;
        store('localStorage', 'voxsite-speak-avatar', id);
        await refresh(id);
        document.querySelector('input[name=avatar]:checked')?.focus();
        say(`The points of ${avatar.name} are saved.`);
      },
    });
  } catch (error) {
    if (error.status === 401) refuse(error.message);
    else fail(error.message);
  } finally { button.removeAttribute('aria-disabled'); }
}

function showStatus(status) {
  limit = status.text_limit || limit;
  bestEngine = status.engines.find(engine => engine.set_up)?.name || '';
  $('speak-token-field').hidden = !status.token_required || !status.available;
  $('speak-token').value = store('sessionStorage', 'voxsite-speak-token') || '';
  const problems = [];
  if (!status.available) problems.push('Other machines can reach this server, and it has no token: it makes no clips until it is started with VOXSITE_API_TOKEN set.');
  if (!status.engines.some(engine => engine.usable)) {
    // What is set up and does not work is the likelier cause.
    const ordered = [...status.engines].sort((a, b) => b.set_up - a.set_up);
    problems.push('No videos can be made here, only sound.', ...ordered.map(engine => `${engine.name}: ${engine.problem}`));
    $('speak-video').checked = false;
  }
  $('speak-video').disabled = !status.engines.some(engine => engine.usable);
  if (!status.providers.some(provider => provider.usable)) problems.push('No voice can be used here: nothing can be spoken.');
  problems.push(...status.avatar_problems);
  $('speak-notice').hidden = problems.length === 0;
  $('speak-notice').replaceChildren(...problems.map(problem => element('span', {}, problem)));
  $('speak').hidden = !status.available;
  count();
}

async function refresh(avatar) { // what there is now; what is chosen stays chosen where it can
  const lists = await Promise.all([load('voices'), load('avatars')]).catch(() => null);
  if (!lists) return;
  showVoices(lists[0]);
  showAvatars(lists[1], avatar);
}

async function begin() {
  try {
    const [status, voices, avatars] = await Promise.all([load('status'), load('voices'), load('avatars')]);
    showVoices(voices);
    showStatus(status);
    showAvatars(avatars);
    showHistory();
  } catch {
    $('speak').hidden = true;
    $('speak-notice').hidden = false; // what the page says without scripts is then true
  }
}

// --- The form ---------------------------------------------------------------------------------------------

const characters = text => 'Segmenter' in Intl
  ? [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].length : [...text].length;

function count() {
  const length = characters($('speak-text').value);
  $('speak-count').textContent = `${length} of ${limit}`;
  $('speak-count').classList.toggle('over', length > limit);
  return length;
}

function textProblem() {
  const length = count();
  if (!$('speak-text').value.trim()) return 'Type something to say.';
  return length > limit ? `${length - limit} ${length - limit === 1 ? 'character' : 'characters'} too many.` : '';
}

function complain(words) {
  $('speak-text-problem').textContent = words;
  $('speak-text-problem').hidden = !words;
  $('speak-text').setAttribute('aria-invalid', words ? 'true' : 'false');
  if (words) $('speak-text').focus();
}

function fail(words) {
  $('speak-problem').textContent = words;
  $('speak-problem').hidden = !words;
}

function body(video) {
  return {
    text: $('speak-text').value,
    voice_id: $('speak-voice').value || null,
    avatar_id: document.querySelector('input[name=avatar]:checked')?.value || null,
    generate_video: video,
    size: Number($('speak-size').value),
    voice_settings: { stability: Number($('speak-stability').value), similarity_boost: Number($('speak-similarity').value) },
  };
}

const headers = () => {
  const token = $('speak-token').value.trim();
  store('sessionStorage', 'voxsite-speak-token', token || null);
  return { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
};

async function make(video) {
  if (job !== null) return;
  const problem = textProblem();
  complain(problem);
  fail('');
  if (problem) return;
  const mine = job = { id: '' };
  busy(true, 'Sent.');
  say('The clip is being made.');
  const wanted = body(video);
  try {
    const answer = await fetch(api('speak'), {
      method: 'POST', headers: { ...headers(), prefer: 'respond-async' }, body: JSON.stringify(wanted),
    });
    const told = await answer.json();
    if (job !== mine) return giveUp(told.request_id); // cancelled before the server had told its id
    if (answer.status === 429) throw new Error(`${told.error} (in about ${answer.headers.get('retry-after')} s)`);
    if (answer.status === 401) return refuse(told.error);
    if (answer.status === 400) refresh(); // a voice or a face may have gone meanwhile
    if (!answer.ok) throw new Error(told.error);
    mine.id = told.request_id;
    follow(told, wanted);
  } catch (error) {
    if (job !== mine) return; // nobody waits for it
    end();
    fail(error instanceof Error && error.name === 'Error' ? error.message
      : 'The server cannot be reached. Is voxsite serve still running? Your text stays here; try again.');
  }
}

function refuse(words) { // the token is missing or wrong
  end();
  fail(words);
  $('speak-token-field').hidden = false;
  $('speak-token').focus();
}

function follow(told, wanted) {
  source = new EventSource(address(told.events_url));
  const lost = () => { end(); fail('The connection was lost, and with it the clip. Try again.'); };
  const heard = () => { clearTimeout(silence); silence = 0; };
  source.addEventListener('progress', event => { heard(); progress(JSON.parse(event.data)); });
  source.addEventListener('end', event => finish(JSON.parse(event.data), wanted));
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) return lost();
    // It comes back by itself, unless the server is gone for good.
    busy(true, 'The connection broke; trying again…');
    if (!silence) silence = setTimeout(lost, silenceSeconds * 1000);
  };
}

function progress(state) {
  if (state.state === 'waiting') busy(true, state.ahead > 0 ? `Waiting: ${state.ahead} before this one.` : 'Next in line.');
  else busy(true, state.stage === 'voice' ? 'Speaking…' : `Drawing: ${state.message}`, state.fraction);
}

function finish(state, wanted) {
  end();
  if (state.state !== 'done') return fail(state.error);
  const entry = {
    text: wanted.text, voice: $('speak-voice').selectedOptions[0]?.textContent || state.clip.voice_id,
    avatar: wanted.avatar_id, clip: state.clip,
  };
  show(entry, true);
  remember(entry);
  say(state.clip.has_video ? 'The clip is ready.' : 'The sound is ready.');
}

function busy(is, words = '', fraction) {
  $('speak-progress').hidden = !is;
  $('speak-cancel').hidden = !is;
  // A button that is disabled loses the focus of the keyboard.
  for (const id of ['speak-go', 'speak-listen']) $(id).setAttribute('aria-disabled', String(is));
  $('speak-state').textContent = words;
  typeof fraction === 'number' ? $('speak-bar').value = fraction : $('speak-bar').removeAttribute('value');
}

function end() {
  clearTimeout(silence);
  silence = 0;
  source?.close();
  source = job = null;
  if (document.activeElement === $('speak-cancel')) $('speak-go').focus(); // it is hidden now
  busy(false);
}

function cancel() {
  const id = job?.id;
  end();
  say('Cancelled.');
  giveUp(id);
}

async function giveUp(id) { // what the server does not hear of ends by itself, as nobody follows it
  if (id) await fetch(api(`jobs/${encodeURIComponent(id)}`), { method: 'DELETE', headers: headers() }).catch(() => {});
}

// --- The clip and those before it -------------------------------------------------------------------------

function picture(path, caption) {
  return element('figure', {}, element('img', { src: address(path), alt: '', loading: 'lazy' }), element('figcaption', {}, caption));
}

function engineWords({ engine, neural, engine_reason: reason }) {
  const words = element('p', { className: 'calm speak-engine' }, `Engine: ${engine}, ${neural ? 'neural' : 'drawn, not neural'}.`);
  // Engines call themselves sadtalker256 and the like. That the best one worked needs no reason.
  if (reason && !engine.startsWith(bestEngine)) words.append(element('br'), `Why: ${reason}`);
  return words;
}

function show({ text, voice, clip }, plays) {
  const media = clip.has_video
    ? element('video', { src: address(clip.video_url), poster: clip.poster_url && address(clip.poster_url), controls: true, playsInline: true, preload: 'auto' })
    : element('audio', { src: address(clip.audio_url), controls: true, preload: 'auto' });
  media.setAttribute('aria-label', text);
  media.onerror = () => fail('This clip is no longer on the server.');
  const seconds = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  const words = element('div', { className: 'speak-words' },
    element('blockquote', { dir: 'auto' }, text),
    element('p', { className: 'calm' }, `${voice} · ${seconds.format(clip.duration)} s, made in ${seconds.format(clip.processing_time)} s`));
  if (clip.engine) words.append(engineWords(clip));
  if (clip.video_problem) words.append(element('p', { className: 'speak-problem' }, `There is no video: ${clip.video_problem}`));
  words.append(picture(clip.waveform_url, 'Waveform'));
  if (clip.mouth_openness_url) words.append(picture(clip.mouth_openness_url, 'Mouth opening over loudness'));
  const name = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 40) || 'clip';
  const links = [['Video', clip.video_url], ['Sound', clip.audio_url]].filter(([, url]) => url);
  words.append(element('p', { className: 'speak-links' }, ...links.map(([label, url]) =>
    element('a', { href: address(url), download: name + url.slice(url.lastIndexOf('.')) }, `Download the ${label.toLowerCase()}`))));
  $('speak-stage').replaceChildren(media, words);
  if (plays) media.play().catch(() => {}); // where a browser wants a click first, the controls are there
  if (plays && matchMedia('(max-width: 56rem)').matches) $('speak-result').scrollIntoView({ block: 'start' });
}

function remembered() {
  try {
    const list = JSON.parse(store('localStorage', historyKey) || '[]');
    return Array.isArray(list) ? list.filter(entry => entry?.clip?.audio_url && typeof entry.text === 'string') : [];
  } catch { return []; }
}

function remember(entry) {
  store('localStorage', historyKey, JSON.stringify([entry, ...remembered()].slice(0, historyLimit)));
  showHistory();
}

function showHistory() {
  const list = remembered();
  $('speak-history-section').hidden = list.length === 0;
  $('speak-history').replaceChildren(...list.map(entry => {
    const button = element('button', { type: 'button' },
      element('img', { src: entry.clip.poster_url ? address(entry.clip.poster_url) : address('assets/icon.svg'), alt: '', loading: 'lazy' }),
      element('span', { dir: 'auto' }, entry.text));
    button.onclick = () => { fail(''); show(entry, true); $('speak-result').focus({ preventScroll: true }); };
    return element('li', {}, button);
  }));
}

// --- Hands ------------------------------------------------------------------------------------------------

$('speak-form').addEventListener('submit', event => { event.preventDefault(); make($('speak-video').checked); });
$('speak-listen').addEventListener('click', () => make(false));
$('speak-cancel').addEventListener('click', cancel);
$('speak-text').addEventListener('input', () => { count(); if (!$('speak-text-problem').hidden) complain(''); });
$('speak-text').addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $('speak-form').requestSubmit(); }
});
document.querySelector('.speak-samples').addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  $('speak-text').value = button.textContent;
  complain('');
  count();
  say(`Text: ${button.textContent}`);
});
$('speak-voice').addEventListener('change', () => store('localStorage', 'voxsite-speak-voice', $('speak-voice').value));
$('speak-avatars').addEventListener('change', event => store('localStorage', 'voxsite-speak-avatar', event.target.value));
for (const name of ['stability', 'similarity']) {
  const range = $(`speak-${name}`);
  range.addEventListener('input', () => { $(`speak-${name}-value`).textContent = Number(range.value).toFixed(2); });
}
$('speak-forget').addEventListener('click', () => {
  store('localStorage', historyKey, null);
  showHistory();
  $('speak-result').focus({ preventScroll: true }); // the button is gone
  say('Forgotten.');
});

begin();
