// The reader's side of the page. Gradio runs this once, with `element` (our frame), `server`
// (article, about, verdict) and `props` in scope. HTML that is inserted here was made and escaped
// by the server; everything typed by the reader goes in as text.
const $ = (selector, within = document) => within.querySelector(selector);
const STORE = 'bijsluiter.1';
const texts = JSON.parse($('#texts', element).dataset.texts);
const calmly = matchMedia('(prefers-reduced-motion: reduce)');

const saved = (() => {
  try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch { return {}; }
})();
const prefs = {
  language: texts[saved.prefs?.language] ? saved.prefs.language
    : navigator.language.toLowerCase().startsWith('nl') ? 'nl' : 'en',
  flags: saved.prefs?.flags !== false,
  calm: saved.prefs?.calm === true,
};
let turns = [];    // [{id, question, answered}], oldest first; the questions are remembered
let line = [];     // ids still to be asked
let current = null; // the id being asked
let quiet = new Set(); // ids asked again, without scrolling or announcing
let taking = false; // inside take(): what is armed goes out with the event that runs
let armed = false; // the click on Ask that comes now is ours, for `current`
let count = 0;

const t = (key) => texts[prefs.language][key];
const save = () => {
  try {
    const questions = turns.map((turn) => turn.question);
    localStorage.setItem(STORE, JSON.stringify({ prefs, questions }));
  } catch { /* a browser that keeps nothing still answers */ }
};
const say = (text) => { const live = $('#live'); live.textContent = ''; live.textContent = text; };
const turnElement = (id) => document.getElementById(`turn-${id}`);
const box = () => $('#question textarea');

// -- asking ---------------------------------------------------------------------------------

function add(question, again = false) {
  const id = `${(count += 1)}t${Math.random().toString(36).slice(2, 8)}`;
  turns.push({ id, question });
  $('#conversation').append(pending(id, question));
  document.body.classList.add('talking');
  $('#switches').hidden = false;
  save();
  enqueue(id, again);
}

function enqueue(id, again) {
  if (again) quiet.add(id); else bring(turnElement(id));
  line.push(id);
  next();
}

function next() {
  if (current || !line.length) return;
  current = line.shift();
  document.body.classList.add('busy');
  armed = true;
  if (!taking) knock();
}

// Click Ask until Gradio hears it: while the page is being built the button may still be deaf.
function knock() {
  if (!armed) return;
  $('#ask')?.click();
  setTimeout(knock, 200);
}

function done() {
  current = null;
  document.body.classList.toggle('busy', line.length > 0);
  next();
}

function pending(id, question) {
  const turn = document.createElement('article');
  turn.className = 'turn pending';
  turn.id = `turn-${id}`;
  const head = document.createElement('h2');
  head.className = 'asked';
  head.dir = 'auto';
  head.textContent = question;
  const stage = document.createElement('p');
  stage.className = 'stage';
  turn.append(head, stage);
  return turn;
}

function bring(turn) {
  turn?.scrollIntoView({ block: 'start', behavior: calmly.matches ? 'auto' : 'smooth' });
}

function note(turn, text, kind) {
  let stage = $('.stage', turn);
  if (!stage) { stage = document.createElement('p'); turn.append(stage); }
  stage.className = `stage ${kind}`;
  stage.textContent = text;
  say(text);
}

// Gradio asks here what to send: the question typed, or the one that stands first in line.
function take() {
  if (!armed) {
    const typed = box().value;
    fill('');
    taking = true;
    if (typed.trim()) add(typed); else box().focus();
    taking = false;
    if (!armed) return null; // nothing typed, or it waits its turn in the line
  }
  armed = false;
  const index = turns.findIndex((turn) => turn.id === current);
  const history = turns.slice(0, index).filter((turn) => turn.answered)
    .map((turn) => turn.question).slice(-8);
  return { id: current, question: turns[index].question, history,
    language: prefs.language, calm: prefs.calm };
}

function receive(message) {
  const turn = message?.id && turnElement(message.id);
  if (!turn) return;
  if (message.kind === 'stage') { note(turn, message.text, 'working'); return; }
  if (message.id !== current) return;
  if (message.kind === 'error') {
    turn.classList.remove('pending');
    note(turn, message.text, 'error');
  } else {
    const made = document.createElement('template');
    made.innerHTML = message.html;
    const ready = made.content.firstElementChild;
    turn.replaceWith(ready);
    turns.find(({ id }) => id === message.id).answered = true;
    if (!quiet.has(message.id)) {
      bring(ready);
      say(`${t('new_answer')} ${$('h3, blockquote', ready)?.textContent || ''}`);
    }
  }
  quiet.delete(message.id);
  done();
}

function lost(status) {
  const turn = current && turnElement(current);
  if (!turn) return;
  turn.classList.remove('pending');
  note(turn, t({ 429: 'rate', 503: 'full' }[status] || 'connection'), 'error');
  line = [];
  done();
}

function halt() {
  if (!current) return;
  const turn = turnElement(current);
  turn?.classList.remove('pending');
  line = [];
  if (turn) note(turn, t('stopped'), 'stopped');
  done();
}

function fill(text) {
  box().value = text;
  box().dispatchEvent(new Event('input', { bubbles: true }));
}

// A question that the queue refuses never reaches receive(); Gradio only shows a passing toast.
const plainFetch = window.fetch;
window.fetch = async (...request) => {
  const joining = String(request[0]?.url || request[0]).includes('/queue/join');
  try {
    const response = await plainFetch(...request);
    if (joining && !response.ok) lost(response.status);
    return response;
  } catch (error) {
    if (joining) lost();
    throw error;
  }
};

// -- language and switches ------------------------------------------------------------------

function speak() {
  document.documentElement.lang = prefs.language;
  document.title = t('title');
  for (const part of document.querySelectorAll('[data-t]')) part.textContent = t(part.dataset.t);
  $('#language').lang = prefs.language === 'nl' ? 'en' : 'nl';
  const list = $('#examples');
  if (list) list.dataset.first = prefs.language;
  $('#relabel button, button#relabel')?.click();
}

function flags(shown) {
  document.body.classList.toggle('no-flags', !shown);
  $('#show-flags').checked = shown;
}

// -- the article ----------------------------------------------------------------------------

async function open(title, fetchHtml) {
  const sheet = $('#sheet');
  const body = $('#sheet-body');
  $('#sheet-head').textContent = title;
  body.textContent = '…';
  if (!sheet.open) sheet.showModal();
  try {
    body.innerHTML = await fetchHtml();
  } catch {
    body.textContent = t('article_error');
    return;
  }
  const mark = $('mark.quote', body);
  if (mark) {
    mark.tabIndex = -1;
    mark.focus({ preventScroll: true });
    mark.scrollIntoView({ block: 'center' });
  } else {
    body.scrollTop = 0;
    body.focus({ preventScroll: true });
  }
}

// -- keeping --------------------------------------------------------------------------------

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('copied'));
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    toast(document.execCommand('copy') ? t('copied') : t('copy_failed'));
    area.remove();
  }
}

function toast(text) {
  const state = $('#state');
  state.textContent = text;
  state.hidden = false;
  state.className = 'passing';
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { state.hidden = true; }, 4000);
}

const answers = () => [...document.querySelectorAll('.turn[data-answer]')];

function download(kind) {
  const found = answers();
  const text = kind === 'json'
    ? JSON.stringify(found.map((turn) => JSON.parse(turn.dataset.answer)), null, 2)
    : found.map((turn) => $('[data-kind=markdown]', turn).dataset.copy).join('\n\n');
  const link = document.createElement('a');
  link.download = `bijsluiter.${kind === 'json' ? 'json' : 'md'}`;
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function clear() {
  if (!window.confirm(t('clear_confirm'))) return;
  if (current) $('#stop').click();
  turns = []; line = []; current = null; armed = false; quiet.clear();
  document.querySelectorAll('.turn').forEach((turn) => turn.remove());
  document.body.classList.remove('talking', 'busy');
  $('#switches').hidden = true;
  history.replaceState(null, '', location.pathname);
  save();
  toast(t('cleared'));
  box().focus();
}

// -- what the buttons do --------------------------------------------------------------------

const actions = {
  skip: () => box().focus(),
  language: () => { prefs.language = prefs.language === 'nl' ? 'en' : 'nl'; save(); speak(); },
  about: () => open(t('about'), () => server.about({ language: prefs.language })),
  close: () => $('#sheet').close(),
  clear,
  export: (button) => download(button.dataset.kind),
  copy: (button) => copy(button.dataset.copy),
  example: (button) => {
    add(button.dataset.question);
    if (button.dataset.then) add(button.dataset.then);
  },
  link: (button) => {
    const { question } = JSON.parse(button.closest('.turn').dataset.answer);
    copy(`${location.origin}${location.pathname}?q=${encodeURIComponent(question)}`);
  },
  open: (button) => {
    const { source, start, end } = button.dataset;
    const language = button.closest('.turn')?.lang || prefs.language;
    open(t('article'), () => server.article({ source, start: +start, end: +end, language }));
  },
  passage: (link) => {
    const item = document.getElementById(link.hash.slice(1));
    item?.closest('details')?.setAttribute('open', '');
    item?.focus({ preventScroll: true });
    bring(item);
  },
  verdict: async (button) => {
    const answer = JSON.parse(button.closest('.turn').dataset.answer);
    const kept = await server.verdict({ good: button.dataset.good === 'yes',
      question: answer.question, language: answer.language, outcome: answer.outcome,
      quotes: answer.answers.map(({ quote, source, start, end }) => ({ quote, source, start, end })) });
    const place = button.closest('.verdict');
    if (!kept) { toast(t('feedback_error')); return; }
    place.textContent = t('thanks');
    say(place.textContent);
  },
};

document.addEventListener('click', (event) => {
  const target = event.target.closest('[data-do]');
  if (target) {
    if (target.tagName === 'A') event.preventDefault();
    actions[target.dataset.do]?.(target);
  } else if (event.target.closest('#stop')) {
    halt();
  } else if (event.target.id === 'sheet') {
    $('#sheet').close();
  }
  const menu = $('.menu[open]');
  if (menu && !menu.contains(event.target)) menu.open = false;
});
// Enter in an empty box sends nothing: a message on its way would take what is typed next.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target === box() && !box().value.trim()) {
    event.preventDefault();
  }
}, true);

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && $('.menu[open]')) $('.menu[open]').open = false;
  else if (event.key === 'Escape' && current && !$('#sheet').open) $('#stop').click();
});
document.addEventListener('change', (event) => {
  if (event.target.id === 'show-flags') { prefs.flags = event.target.checked; flags(prefs.flags); }
  else if (event.target.id === 'calm') {
    prefs.calm = event.target.checked;
    turns.forEach((turn) => enqueue(turn.id, true));
  } else return;
  save();
});

// -- starting -------------------------------------------------------------------------------

async function watchState() {
  let status = { status: 'loading', stage: 'loading' };
  try { status = await (await plainFetch('health')).json(); } catch { /* asked again below */ }
  document.body.dataset.state = status.status;
  const state = $('#state');
  if (status.status === 'ready') {
    if (state.className !== 'passing') state.hidden = true;
    return;
  }
  state.className = status.status;
  state.textContent = t(`stage_${status.stage}`) || t('stage_loading');
  state.hidden = false;
  if (status.status === 'loading') setTimeout(watchState, 500);
}

function start() {
  if (!box() || !$('#examples') || !$('#stop')) { setTimeout(start, 30); return; }
  speak();
  flags(prefs.flags);
  $('#calm').checked = prefs.calm;
  watchState();
  const past = Array.isArray(saved.questions) ? saved.questions.slice(-20) : [];
  past.filter((question) => typeof question === 'string').forEach((question) => add(question, true));
  const linked = new URLSearchParams(location.search).get('q');
  if (linked && linked.trim() && linked !== past.at(-1)) add(linked);
  if (matchMedia('(min-width: 700px)').matches) box().focus({ preventScroll: true });
}

// The three parts that Gradio draws, in the language of the switch.
function labels() {
  const update = (props) => ({ __type__: 'update', ...props });
  return [update({ label: t('question'), placeholder: t('placeholder') }),
    update({ value: t('ask') }), update({ value: t('stop') })];
}

window.bijsluiter = { take, receive, labels };
start();
