/* The page: what is typed becomes a run, and the run is shown position by position. */
const PAGE = JSON.parse($('page-data').textContent);
const MOST_STEPS = 500, SPEEDS = [['0.5', 2400], ['1', 1200], ['2', 600], ['4', 300], ['10', 120]];
const state = { documents: PAGE.documents, which: 0, run: null, at: 0, head: null, views: new Map(), timer: null, job: 0 };
const subject = () => state.documents[state.which];
const strip = new Strip(i => go(i)), pictures = new Pictures(i => go(i), (id, i) => choose(id, i)), weights = new Weights();
let aside = null;

/* From what is typed to a run. */
function sizesFor(document, reader) {
  const { minimum } = document.blueprint, wanted = $('size').value.trim();
  let n = Math.max(minimum.n, reader.n);
  if (document.facts.kind === 'machine') {
    const steps = $('steps').value.trim();
    if (!/^[1-9]\d{0,5}$/.test(steps) || Number(steps) > MOST_STEPS) refuse(`steps is ${quoted(steps)}: expected 1 to ${MOST_STEPS}`);
    n = Math.max(n, Number(steps));
  } else if (wanted) {
    if (!/^[1-9]\d{0,8}$/.test(wanted) || Number(wanted) < n) refuse(`n is ${quoted(wanted)}: this input needs at least ${n}`);
    limited(document.facts, Number(wanted));
    n = Number(wanted);
  }
  return Object.fromEntries(Object.keys(minimum).map(name => [name, Math.max(n, minimum[name])]));
}
function begun(document, text) {
  const reader = read(document.facts, text), sizes = sizesFor(document, reader), { facts } = document;
  const limit = facts.kind === 'machine' ? facts.stride * Number($('steps').value) + 1 : Number(valueOf(facts.longest, sizes)) + 1;
  return Object.assign(begin(modelAt(document.blueprint, sizes), reader.prompt, limit), { reader, document });
}
function compute(keep) {
  const job = ++state.job, text = $('input').value;
  stop();
  let run;
  try {
    run = begun(subject(), text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(error.message);
  }
  $('refusal').textContent = '';
  $('input').removeAttribute('aria-invalid');
  const go = () => {
    if (job !== state.job) return;
    if (advance(run, performance.now() + 20)) loaded(run, keep);
    else { $('where').textContent = `computing: ${run.tokens.length} tokens`; setTimeout(go, 0); }
  };
  return go();
}
function refused(message) {
  $('refusal').textContent = message;
  $('input').setAttribute('aria-invalid', 'true');
  $('body').classList.add('stale');
}
function loaded(run, keep) {
  Object.assign(state, { run, views: new Map() });
  $('body').classList.remove('stale');
  strip.reset(run);
  pictures.reset(run);
  $('answer').textContent = run.answer === null ? 'none yet' : labelOf(run, run.answer);
  const last = run.tokens.length - 1, wanted = keep && keep.at !== undefined ? keep : telling(run);
  state.at = Math.max(0, Math.min(last, wanted.at));
  state.head = run.model.heads.some(head => head.id === wanted.head) ? wanted.head : run.model.heads.length ? run.model.heads[run.model.heads.length - 1].id : null;
  $('range').max = strip.layout.columns.length - 1;
  const { facts, blueprint } = run.document, values = Object.entries(run.model.values).filter(([name]) => name in blueprint.minimum).map(([name, value]) => `${name} = ${plain(value)}`).join(', ');
  const known = `${blueprint.parameters} nonzero weights, in the same places at every size; here ${values}. It runs in your browser, exactly: change anything.`;
  $('sub').textContent = aside instanceof RulesView && !blueprint.rules.length ? known : `${facts.summary} ${known}`;
  $('h1').textContent = titleOf(facts, run.reader);
  explainStream(run.model);
  show();
  if (state.documents.length > 1) sideBySide();
}
/* What the tables of the residual stream show, in the words that this model needs. */
function explainStream(model) {
  const stream = 'The residual stream by name, in the order in which the layers write it', start = model.coordinates.some(name => name.endsWith('.is <s>'));
  $('restitle').textContent = model.heads.length ? 'What the two positions know' : 'What this position knows';
  replace($('resnote'), ...(model.heads.length ? [`${stream}: `, here('here'), ', and ', there('there'), ', where the chosen head looks. In a question, \u201ca = b\u201d compares a there with b here.'] : [`${stream}.`]),
    start ? ' What ends in \u201cis <s>\u201d is 1 where a head picked the first token, which stands for no match.' : '');
}
/* The question, with what is asked for in it. */
function titleOf(facts, reader) {
  if (!facts.title || reader.kind !== 'retrieval') return facts.title || facts.question;
  return facts.title.replace('{q}', reader.query.slice(0, facts.task === 'counting' ? 1 : 9).join(' ')).replace('{t}', reader.query[1]);
}
/* Where to begin: the step at which most heads decide something, or the first search. */
function telling(run) {
  if (!run.model.heads.length) {
    const steps = new Set((run.document.facts.pairs || []).flat()), first = run.at.findIndex((seen, i) => i >= run.prompt && steps.has(seen.out.token));
    const search = run.searches.find(found => found.captured.length) || run.searches[0];
    return { at: search ? search.closing : Math.max(first, run.prompt - 1), head: null };
  }
  let best = { at: run.prompt - 1, head: null, score: -1 };
  for (let i = run.prompt - 1; i < Math.min(run.tokens.length, run.prompt + 24); i++) {
    const telling = viewsAt(run, i).filter(view => view.matters && view.hit && !view.fixed), ends = run.model.answers && run.model.answers.has(run.at[i].out.token);
    const score = ends ? 0 : telling.length + telling.filter(view => view.at !== i).length; // an ending shows less than a step
    if (score > best.score) best = { at: i, head: score ? telling[telling.length - 1].head.id : null, score };
  }
  return best;
}
function viewsAt(run, i) {
  if (run === state.run && state.views.has(i)) return state.views.get(i);
  const views = run.model.heads.map(head => { const view = viewOf(run, i, head); view.matters = matters(view); return view; });
  if (run === state.run) state.views.set(i, views);
  return views;
}

/* Showing one position. */
function show() {
  const { run, at } = state, views = viewsAt(run, at), view = views.find(v => v.head.id === state.head) || null;
  const others = views.filter(v => v !== view && v.matters && spokenOf(v).asked && !v.averages);
  strip.show(at, view, others); // first, since it measures
  replace($('say'), sentenceOf(run, at, view));
  replace($('story'), storyOf(run, at, view), foldButton(run, at));
  replace($('heads'), run.model.heads.length ? headsOf(run, at, views, state.head, id => choose(id)) : null);
  $('heads').hidden = !run.model.heads.length;
  $('stage').classList.toggle('alone', !run.model.heads.length);
  const column = strip.column(at), out = labelOf(run, run.at[at].out.token), fate = fateOf(run, at);
  $('range').value = column;
  $('where').textContent = `position ${at} of ${run.tokens.length - 1}${fate === 'written' ? `, writes ${out}` : fate === 'prompt' ? ', prompt' : ''}`;
  $('range').setAttribute('aria-valuetext', $('where').textContent);
  $('prev').disabled = column === 0;
  $('next').disabled = column >= lastColumn();
  if (aside) aside.draw(run, at, run.document);
  later(() => { replace($('res'), streamOf(run, at, view)); weights.draw(run.model, view); pictures.draw(at, view); });
  remember();
}
/* What lies below the first screen is drawn after the rest, so that a step is seen at once. */
let waiting = 0;
function later(draw) {
  const job = ++waiting;
  setTimeout(() => { if (job === waiting) draw(); }, state.timer ? 60 : 0);
}
function foldButton(run, at) {
  const search = run.searches.find(q => at >= q.opening && at <= q.closing);
  if (!search) return null;
  return h('p', {}, h('button', { type: 'button', class: 'btn', on: { click: () => { strip.unfold(search); $('range').max = strip.layout.columns.length - 1; show(); } } }, strip.opened.has(search.opening) ? 'Fold this search' : 'Open this search, token by token'));
}
const lastColumn = () => strip.column(state.run.tokens.length - 1);
function go(i) { if (!state.run) return; state.at = Math.max(0, Math.min(state.run.tokens.length - 1, i)); show(); }
function step(by) { if (!state.run) return; const to = strip.column(state.at) + by; if (to >= 0 && to <= lastColumn()) go(strip.positionAt(to)); }
function choose(id, i) { state.head = id; if (i !== undefined) state.at = i; show(); }
function stop() { clearInterval(state.timer); state.timer = null; $('play').textContent = 'Play'; }
function play() {
  if (!state.run) return null;
  if (state.timer) return stop();
  if (strip.column(state.at) >= lastColumn()) go(state.run.prompt - 1);
  $('play').textContent = 'Pause';
  state.timer = setInterval(() => (strip.column(state.at) >= lastColumn() ? stop() : step(1)), Number($('speed').value));
  return null;
}
/* The address names input, position and head, so that a step can be linked to. */
function remember() {
  const { run, at } = state, head = run.model.heads.find(other => other.id === state.head);
  const parts = [encodeURIComponent($('input').value), `@${at}`, ...(head ? [encodeURIComponent(head.name)] : [])];
  try { history.replaceState(null, '', `#${parts.join('/')}`); } catch (error) { /* a frame without an address of its own */ }
}
function fromAddress() {
  const parts = location.hash.slice(1).split('/').map(part => { try { return decodeURIComponent(part); } catch (error) { return part; } });
  if (!location.hash) return null;
  const at = /^@(\d+)$/.exec(parts[1] || '');
  return { text: parts[0], at: at ? Number(at[1]) : undefined, name: parts[2] };
}

/* Setting up. */
function setText(text) { $('input').value = text; compute(); }
function mount(which) {
  state.which = which;
  const { facts } = subject(), machine = facts.kind === 'machine';
  aside = facts.kind === 'graph' ? new GraphView(edited) : machine ? new MachineView(rewire) : new RulesView();
  aside.mount($('aside'));
  $('h1').textContent = facts.question;
  $('name').textContent = state.documents.length > 1 ? `${facts.task}, side by side` : facts.label;
  $('stepsfield').hidden = !machine;
  $('sizefield').hidden = machine;
  $('inputname').textContent = machine ? 'Tape, from cell 0' : facts.kind === 'graph' ? 'Edges' : `Sequence ? query`;
  replace($('tries'), 'Try ', facts.tries.map(text => h('button', { type: 'button', on: { click: () => setText(text) } }, text || 'a blank tape')));
  [...$('tabs').children].forEach((tab, k) => { tab.setAttribute('aria-selected', String(k === which)); tab.tabIndex = k === which ? 0 : -1; });
}
/* Edges after a change in the picture, as text with the user's labels. */
function edited(edges, added) {
  const label = node => (typeof node === 'number' ? state.run.reader.labels[node - 1] : added);
  setText(edges.map(edge => edge.map(label).join('-')).join(' '));
}
function rewire(table) {
  try {
    state.documents = state.documents.map((document, k) => (k === state.which ? rewired(document, table) : document));
    compute();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    $('refusal').textContent = error.message;
  }
}
function keys(event) {
  if (event.target.matches('input[type=text], select') || event.metaKey || event.ctrlKey || event.altKey || !state.run) return;
  const { heads } = state.run.model, k = heads.findIndex(head => head.id === state.head), { key } = event, inTabs = event.target.matches('[role=tab]');
  if (key === 'ArrowRight' && !inTabs) { stop(); step(1); }
  else if (key === 'ArrowLeft' && !inTabs) { stop(); step(-1); }
  else if (key === ' ' && !event.target.matches('button, summary, [role=button]')) play();
  else if (key === 'Home') go(state.run.prompt - 1);
  else if (key === 'End') go(state.run.tokens.length - 1);
  else if ((key === 'ArrowDown' || key === 'ArrowUp') && heads.length && !event.target.matches('[type=range]')) choose(heads[(k + (key === 'ArrowDown' ? 1 : heads.length - 1)) % heads.length].id);
  else return;
  event.preventDefault();
}
function start() {
  replace($('speed'), SPEEDS.map(([text, ms]) => h('option', { value: ms, selected: text === '1' }, `${text}\u00d7`)));
  const tabs = state.documents.length > 1 ? state.documents.map(({ facts }, k) => h('button', { type: 'button', role: 'tab', on: { click: () => { mount(k); compute(); } } }, facts.label)) : [];
  replace($('tabs'), tabs);
  $('tabs').hidden = !tabs.length;
  $('tabs').addEventListener('keydown', event => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const to = (state.which + move + tabs.length) % tabs.length;
    mount(to);
    compute();
    tabs[to].focus();
  });
  mount(0);
  for (const id of ['input', 'size', 'steps']) $(id).addEventListener('input', () => compute());
  $('form').addEventListener('submit', event => event.preventDefault());
  $('play').addEventListener('click', play);
  $('prev').addEventListener('click', () => { stop(); step(-1); });
  $('next').addEventListener('click', () => { stop(); step(1); });
  $('first').addEventListener('click', () => { stop(); if (state.run) go(state.run.prompt - 1); });
  $('speed').addEventListener('change', () => { if (state.timer) { stop(); play(); } });
  $('range').addEventListener('input', event => { stop(); go(strip.positionAt(Number(event.target.value))); });
  document.addEventListener('keydown', keys);
  window.addEventListener('resize', () => { if (state.run) show(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { pictures.bases.clear(); if (state.run) show(); });
  const asked = fromAddress();
  $('input').value = asked ? asked.text : PAGE.text;
  $('steps').value = PAGE.steps;
  const head = asked && asked.name && subject().blueprint.layers.flatMap((layer, li) => (layer.heads || []).map((other, hi) => [other.name, `${li}:${hi}`])).find(([name]) => name === asked.name);
  compute(asked && asked.at !== undefined ? { at: asked.at, head: head ? head[1] : null } : undefined);
}
