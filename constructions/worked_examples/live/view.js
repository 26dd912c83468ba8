/* What a head asks at a position, what every position offers, and what follows: all read off the weights. */
const divide = (a, b) => fraction(numerator(a) * denominator(b), denominator(a) * numerator(b));
const squares = list => list.reduce((sum, a) => add(sum, multiply(a, a)), 0);

/* The score is weight (2 q.k + m) + slope j with the weight in the row "norm" of the query and m in that of the key: a
   record that matches has k = q and m = -|q|^2. The rows "default" and "sink" belong to the first token. */
function viewOf(run, i, head) {
  const seen = run.at[i].heads[head.id], rows = head.query.rows, norm = rows.indexOf('norm');
  const special = rows.findIndex(row => row === 'default' || row === 'sink'), averages = rows[special] === 'sink';
  const features = rows.map((_, f) => f).filter(f => f !== norm && f !== special);
  const weight = seen.query[norm], twice = multiply(2, weight), want = features.map(f => divide(seen.query[f], twice));
  const keyAt = j => run.at[j].heads[head.id].key, offers = j => features.map(f => keyAt(j)[f]);
  const isDefault = j => special >= 0 && !isZero(keyAt(j)[special]);
  const excluded = j => !isDefault(j) && !isZero(add(keyAt(j)[norm], squares(offers(j))));
  const score = j => scoreOf(head, seen.query, keyAt(j), j), top = squares(want);
  const off = j => subtract(top, divide(subtract(score(j), multiply(head.slope, j)), weight));
  const matched = j => !isDefault(j) && !excluded(j) && isZero(off(j));
  const matches = seen.picks.filter(matched);
  const labels = features.map(f => {
    const [key, query] = rows[f].split(' = ');
    return { key, query: query === undefined ? null : query };
  });
  return { run, i, head, seen, labels, want, offers, isDefault, excluded, score, off, matched, matches, averages,
    picks: seen.picks, hit: matches.length > 0, at: matches.length ? matches[0] : seen.picks[0], fixed: special < 0 };
}
/* The latest of the positions with the next lower score, -1 if there is none. */
function runnerUp(view) {
  const picked = new Set(view.picks);
  let second = -1, best = null;
  for (let j = 0; j <= view.i; j++) {
    if (picked.has(j)) continue;
    const score = view.score(j);
    if (best === null || compare(score, best) >= 0) { best = score; second = j; }
  }
  return second;
}
/* What would be written had the head found nothing (or, if it found nothing or always finds, taken the runner-up). */
function instead(view) {
  const { run, i, head } = view, from = view.fixed || !view.hit ? runnerUp(view) : 0;
  if (from < 0) return null;
  return { from, token: decideWith(run, i, head.id, run.at[from].heads[head.id].value) };
}
const matters = view => {
  const other = instead(view);
  return other !== null && other.token !== view.run.at[view.i].out.token;
};

/* Sentences of the author, with what stands in braces filled in. */
const isNumber = token => /^-?\d+$/.test(token);
function labelOf(run, token) {
  const labels = run.reader && run.reader.labels;
  return labels && isNumber(token) && labels[token - 1] !== undefined ? labels[token - 1] : token;
}
const heldAt = (run, i, name) => run.at[i].x[run.model.place.get(name)];
/* Coordinates of a graph's construction that hold no node: positions, flags, counts, and numbers of nodes or edges. */
const NO_NODE = /position|^is | is |\.is |hit|^#|complete|stop|kind|edges|^ends|^has|^closes|walk|whole|^record\.node|asked node/;
const isNode = (run, name) => Boolean(run.reader && run.reader.labels) && !NO_NODE.test(name);
function valueText(run, name, value) {
  if (!isNode(run, name) || typeof value !== 'number') return shown(value);
  return value === 0 ? '\u2013' : labelOf(run, String(value));
}
function fill(run, i, template, at) {
  return template.replace(/\{(=?)([^{}]*)\}/g, (_, bare, name) => {
    if (name === 'here') return labelOf(run, run.tokens[i]);
    if (name === 'written') return labelOf(run, run.at[i].out.token);
    if (name === 'at') return String(at);
    if (name === 'there') return labelOf(run, run.tokens[at]);
    const value = heldAt(run, i, name);
    return bare ? shown(value) : valueText(run, name, value).replace('\u2013', 'none');
  });
}
/* Whether a head's question makes sense at a position. */
function isAsked(run, i, condition) {
  return condition.split(', ').filter(term => term).every(term => {
    if (term === 'number') return isNumber(run.tokens[i]);
    return term.startsWith('not ') ? isZero(heldAt(run, i, term.slice(4))) : !isZero(heldAt(run, i, term));
  });
}
function spokenOf(view) {
  const { run, i, head } = view, said = run.model.blueprint.sentences[head.name];
  const wanted = view.labels.map((label, f) => `${label.key} = ${shown(view.want[f])}`).join(' and ');
  const [asks, found, missed, when] = said || [`Where is ${wanted}?`, 'At position {at}.', 'Nowhere.', ''];
  if (!isAsked(run, i, when)) return { asked: false, asks: 'This head is not needed here.', answer: '' };
  let answer = fill(run, i, view.hit ? found : missed, view.at);
  if (view.hit && view.averages) answer = `At ${places(view.matches)}. ${answer}`;
  else if (view.hit && !found.includes('{at}')) answer = answer.replace(/\.$/, '') + `, at position ${view.at}.`;
  return { asked: true, asks: fill(run, i, asks, view.at), answer };
}
function places(list) {
  const first = list.slice(0, 8).join(', '), more = list.length > 8 ? ` and ${list.length - 8} more` : '';
  return `position${list.length > 1 ? 's' : ''} ${first}${more}`;
}

/* The step of the table of rules behind what is written: the k-th step that writes a token became its k-th unit. */
const NUMBER_UNITS = 'number to write';
function firedRule(run, i) {
  const { rules, specials } = run.model.blueprint;
  if (!rules.length) return null;
  const kind = token => (specials.includes(token) ? token : NUMBER_UNITS), written = kind(run.at[i].out.token);
  const steps = rules.flatMap(([, , write], rule) => write.split(' ').map((token, step, all) => ({ rule, step, of: all.length, kind: kind(token) })));
  const own = steps.filter(step => step.kind === written), name = written === NUMBER_UNITS ? written : `write ${written}`, fired = new Set();
  run.model.layers.forEach((layer, li) => {
    if (layer.kind === 'feed-forward') layer.gate.rows.forEach((unit, u) => { if (isPositive(run.at[i].units[li].gate[u])) fired.add(unit); });
  });
  let chosen = own.filter((_, k) => fired.has(`${name}.${k + 1}`));
  if (!chosen.length && own.length === 1 && ![...fired].some(unit => unit.startsWith(`${name}.`))) chosen = own;
  return chosen.length === 1 ? chosen[0] : null;
}
/* Why this token is written, in the author's words; empty if the author says nothing. */
function reasonOf(run, i) {
  const { sentences, specials } = run.model.blueprint, token = run.at[i].out.token, rule = firedRule(run, i);
  const said = (rule && sentences[`rule ${rule.rule + 1}`]) || sentences[token]
    || sentences[specials.includes(token) ? 'a choice' : 'a number'] || [''];
  return { rule, text: fill(run, i, said[0], i) };
}
/* What becomes of what comes out at a position. */
function fateOf(run, i) {
  if (i < run.prompt - 1) return 'prompt';
  if (run.searches.some(search => search.closing === i || (i > search.closing && i < search.closing + search.tokens.length))) return 'searched';
  return 'written';
}
const searchAt = (run, i) => run.searches.find(search => search.closing === i) || null;

/* How many tokens back the recurrence's memory reaches that later layers read, by the names of its coordinates. */
function distancesOf(model) {
  const read = new Set();
  const note = matrix => matrix.by.forEach(row => row.forEach(([j]) => read.add(matrix.columns[j])));
  model.layers.forEach(layer => {
    if (layer.kind === 'feed-forward') { note(layer.gate); note(layer.value); }
    if (layer.kind === 'attention') layer.heads.forEach(head => { note(head.query); note(head.key); note(head.value); });
  });
  Object.values(model.unembedding).forEach(note);
  const found = new Set();
  read.forEach(name => { const back = /^(\d+) back\.| (\d+) back$/.exec(name); if (back) found.add(Number(back[1] || back[2])); });
  return [...found].sort((a, b) => a - b);
}
/* The tokens that the table's rule, or a memory without a table, looks at when it writes after position i. */
function windowOf(run, i) {
  const { rules, layers } = { rules: run.model.blueprint.rules, layers: run.model.layers };
  if (!layers.some(layer => layer.kind === 'recurrence')) return [];
  const rule = firedRule(run, i);
  const distances = rule ? [...Array(rules[rule.rule][0].split(' ').length + rule.step).keys()]
    : run.model.heads.length || rules.length ? [] : distancesOf(run.model);
  return distances.map(d => i - d).filter(j => j >= 0);
}
/* From which position a key feature came, if one head brought it: the pair that an induction head makes. */
function sourceOf(view, j) {
  const { run, head } = view, column = head.key.by.flat().map(([c]) => run.model.coordinates[c]);
  for (const other of run.model.heads) {
    if (other.layer >= head.layer || !other.output.by.some((row, r) => row.length && column.includes(run.model.coordinates[r]))) continue;
    const picks = run.at[j].heads[other.id].picks;
    if (picks.length === 1 && picks[0] !== j) return { head: other, to: picks[0] };
  }
  return null;
}
