/* Beside and below the tokens: here and there, the score in words, the decision, all heads, the residual stream. */
const LAYER_NAMES = { attention: 'Attention', 'feed-forward': 'Gated units', recurrence: 'Recurrence' };
function layerNames(model) {
  const count = {};
  return model.layers.map(({ kind }) => { count[kind] = (count[kind] || 0) + 1; return `${LAYER_NAMES[kind]} ${count[kind]}`; });
}
const ownToken = (run, j) => labelOf(run, run.tokens[j]);

/* The question and its answer, in large type. */
function sentenceOf(run, i, view) {
  const token = ownToken(run, i);
  if (view) {
    const said = spokenOf(view), written = fateOf(run, i) === 'written';
    if (!said.asked && written) return [here(`${token} at position ${i}: `), `the head \u201c${view.head.name}\u201d is not needed here. ${reasonOf(run, i).text} `, there(`It writes ${labelOf(run, run.at[i].out.token)}.`)];
    return [here(`${token} at position ${i}${said.asked ? ' asks:' : ':'}`), ` ${said.asks} `, there(said.answer)];
  }
  const search = searchAt(run, i), fate = fateOf(run, i);
  if (search) {
    const found = search.captured.map(j => ownToken(run, j)).join(' ');
    const where = search.captured.length ? `at ${places(search.captured)}` : '';
    return [here('The runtime searches everything before. '), there(search.captured.length ? `It captures ${found}, ${where}.` : `Nothing is captured: ${run.model.search.failed}.`)];
  }
  if (fate === 'prompt') return [here(`${token} at position ${i}`), ' is read; the prompt goes on.'];
  if (fate === 'searched') return [here(`${token} at position ${i}`), ' was captured by the search.'];
  const reason = reasonOf(run, i);
  return [here(`After ${token} at position ${i}: `), `${reason.text} `, there(`It writes ${labelOf(run, run.at[i].out.token)}.`)];
}
/* A value that a head hands back; whether it is the first token's is said in words, since that one stands for no match. */
function handedBack(run, name, own, value) {
  if (own !== 'is <s>') return [`${nice(own)} `, h('b', {}, valueText(run, name, value))];
  if (typeof value !== 'number') return ['the share of the first token, ', h('b', {}, shown(value))];
  return value ? ['that it is ', h('b', {}, 'the first token'), ': no match'] : ['that it is ', h('b', {}, 'not the first token'), ': a match'];
}
function cardsOf(view) {
  const { run, i, at, labels, want, offers, hit, head } = view, sides = [[i, 'here', 'asks for'], [at, 'there', 'offers']];
  const reads = head.value.rows.map((name, r) => [name, view.seen.read[r]]).filter(([name]) => !name.endsWith('^2'));
  const line = (name, value, cls) => h('p', { class: 'v' }, `${brief(name)} = `, h('b', { class: cls }, value));
  const cards = sides.map(([j, side, verb]) => {
    const isDefault = view.isDefault(j) && side === 'there';
    const body = isDefault ? [h('p', { class: 'v' }, 'the first token'), h('p', { class: 'n' }, 'it stands for \u201cno match\u201d')]
      : labels.map((label, f) => line(side === 'here' ? label.query || label.key : label.key, valueText(run, label.key, side === 'here' ? want[f] : offers(at)[f]), side === 'here' ? 'h' : 't'));
    const back = side === 'there' ? h('p', { class: 'n' }, 'hands back ', reads.map(([name, value], k) => [k ? ', ' : '', handedBack(run, name, name.slice(head.name.length + 1), value)])) : null;
    return h('div', { class: `card ${side}` }, h('h3', {}, `${side}, position ${j} `, code(ownToken(run, j))), h('p', { class: 'k' }, verb), body, back);
  });
  return h('div', { class: 'pair' }, cards[0], h('span', { class: 'eq', 'aria-label': hit ? 'equal' : 'different' }, hit ? '=' : '\u2260'), cards[1]);
}
/* "41 = 32 for a match + 9 for its position". */
function scoreWords(view, j) {
  const score = view.score(j), place = multiply(view.head.slope, j), rest = subtract(score, place);
  const why = view.isDefault(j) ? 'for no match' : view.matched(j) ? 'for a match' : 'for no match';
  return isZero(view.head.slope) ? [`${shown(score)} ${why}`] : [h('b', {}, shown(score)), ` = ${shown(rest)} ${why} + ${shown(place)} for its position`];
}
function factsOf(view) {
  const { run, i } = view, facts = [], second = runnerUp(view), other = instead(view), token = labelOf(run, run.at[i].out.token);
  if (view.averages) {
    const count = view.picks.length;
    facts.push([`${count === 1 ? 'One position has' : `${count} positions share`} the largest score, so each gets the weight `, h('b', {}, `1/${count}`), ' and the head reads their mean.']);
  } else {
    facts.push(['Score ', scoreWords(view, view.at), '.']);
    if (second >= 0) {
      const gap = subtract(view.score(view.at), view.score(second)), both = view.matched(view.at) && view.matched(second);
      facts.push([`Runner-up, position ${second}: `, scoreWords(view, second), both ? `. Both match, so the later one wins, by ${shown(gap)}.` : `. Behind by ${shown(gap)}.`]);
    }
  }
  if (other && fateOf(run, i) === 'written') {
    const found = view.fixed || !view.hit ? `Had it picked position ${other.from} instead, ` : 'Had it found nothing, ';
    const would = labelOf(run, other.token);
    facts.push([found, other.token === run.at[i].out.token ? `the model would write ${would} all the same.` : ['the model would write ', code(would), ' instead of ', code(token), '.']]);
  }
  return h('ul', { class: 'facts' }, facts.map(fact => h('li', {}, fact)));
}
function decisionOf(run, i) {
  const out = run.at[i].out, token = labelOf(run, out.token), fate = fateOf(run, i), reason = reasonOf(run, i), { rules } = run.model.blueprint;
  const logits = logitsOf(run.model, run.at[i].x), order = [...logits.keys()].sort((a, b) => compare(logits[b], logits[a]) || a - b).slice(0, 5);
  const text = fate === 'prompt' ? ['The prompt goes on, so what comes out here (', code(token), ') is not used.']
    : fate === 'searched' ? ['What comes out here is not used: the runtime appends what the search captured.']
      : [reason.text ? `${reason.text} ` : '', 'The model writes ', h('b', {}, token), '.'];
  const rule = reason.rule && fate === 'written' ? rules[reason.rule.rule] : null;
  const told = rule ? h('p', { class: 'rule' }, `Rule ${reason.rule.rule + 1}: after `, code(rule[0]), rule[1] ? ` if ${rule[1]}` : '', ', write ',
    rule[2].split(' ').map((word, k) => [k ? ' ' : '', h(k === reason.rule.step ? 'mark' : 'code', {}, word)])) : null;
  return h('div', { class: 'decide' }, h('p', {}, text), told, fate !== 'searched' && h('p', { class: 'logits' }, 'Largest logits: ',
    order.map(t => h('span', { class: t === out.best ? 'win' : null }, code(labelOf(run, run.model.vocabulary[t])), ` ${shown(logits[t])}`))));
}
/* The expression of a search, as it is read: signs of the search language, and tokens. */
function expressionView(run, search) {
  const body = search.pieces.map(([isToken, text]) => (isToken ? h('b', { class: 'h' }, labelOf(run, text)) : h('span', {}, text)));
  const facts = [h('li', {}, 'The expression: ', h('span', { class: 'expression' }, body))];
  if (search.span) facts.push(h('li', {}, `It matches positions ${search.span[0]} to ${search.span[1] - 1} (underlined).`));
  facts.push(h('li', {}, search.captured.length ? ['The last group that took part captured ', code(search.captured.map(j => ownToken(run, j)).join(' ')), ` at ${places(search.captured)}.`] : `Nothing was captured, so ${run.model.search.failed} is appended.`));
  return h('ul', { class: 'facts' }, facts);
}
function storyOf(run, i, view) {
  const search = view ? null : searchAt(run, i);
  return [view && cardsOf(view), view && factsOf(view), search && expressionView(run, search), decisionOf(run, i)];
}
/* All heads, layer by layer; those that decide nothing here are dimmed. */
function headsOf(run, i, views, chosen, choose) {
  const names = layerNames(run.model), blocks = [], main = views.find(view => view.head.id === chosen);
  const source = main && main.hit && !main.averages ? sourceOf(main, main.at) : null; // the head that made the key that was found
  run.model.layers.forEach((layer, li) => {
    if (layer.kind !== 'attention') return;
    blocks.push(h('h4', {}, names[li]), views.filter(view => view.head.layer === li).map(view => {
      const on = chosen === view.head.id, made = Boolean(source) && source.head.id === view.head.id, told = made && !view.matters ? viewOf(run, main.at, view.head) : view;
      const said = spokenOf(told), idle = (!view.matters && !made) || !said.asked, place = told === view ? '' : `At position ${main.at}: `;
      const pick = told.averages ? `${told.matches.length} match${told.matches.length === 1 ? '' : 'es'}` : told.hit || told.fixed ? `${told.at} ` : 'no match';
      return h('button', { type: 'button', class: idle ? 'hd idle' : 'hd', 'aria-pressed': String(on), 'data-head': view.head.name, on: { click: () => choose(view.head.id) } },
        h('span', { class: 'nm' }, view.head.name), h('span', { class: 'pk' }, pick, !told.averages && (told.hit || told.fixed) ? h('b', {}, ownToken(run, told.at)) : ''),
        h('span', { class: 'q' }, `${place}${said.asks} ${said.answer}`));
    }));
  });
  return blocks;
}
/* What the two positions hold, coordinate by coordinate, in the order in which the layers write them. */
function streamOf(run, i, view) {
  const { model } = run, names = layerNames(model), written = new Map(), groups = [['Embedding', []], ...names.map(name => [name, []])];
  model.layers.forEach((layer, li) => {
    const outputs = layer.kind === 'attention' ? layer.heads.map(head => head.output) : layer.kind === 'recurrence' ? [layer.output, layer.feedthrough] : [layer.output];
    outputs.forEach(matrix => matrix.by.forEach((row, r) => { if (row.length) written.set(r, li + 1); }));
  });
  model.coordinates.forEach((name, r) => groups[written.get(r) || 0][1].push([name, run.at[i].x[r], view ? run.at[view.at].x[r] : null]));
  model.layers.forEach((layer, li) => {
    if (layer.kind === 'recurrence') groups.push(['State of the recurrence', (layer.kept || layer.transition).rows.map((name, r) => [name, run.at[i].state[li][r], view ? run.at[view.at].state[li][r] : null])]);
  });
  const asked = new Set(view ? view.labels.map(label => label.query || label.key) : []), offered = new Set(view ? view.labels.map(label => label.key) : []);
  const tables = groups.filter(([, rows]) => rows.length).map(([title, rows]) => [title, rows, h('table', {}, h('caption', {}, title), h('thead', {}, h('tr', {}, h('th', {}, ''), h('th', { class: 'h', scope: 'col' }, 'here'), view && h('th', { class: 't', scope: 'col' }, 'there'))),
    h('tbody', {}, rows.map(([name, a, b]) => h('tr', { class: isZero(a) && (b === null || isZero(b)) ? 'z' : null }, h('th', { scope: 'row' }, nice(name)), h('td', { class: asked.has(name) ? 'h on' : null }, shown(a)), view && h('td', { class: offered.has(name) ? 't on' : null }, shown(b))))))]);
  return tables.map(([title, rows, table]) => (rows.length <= MOST_ROWS ? table : folded(title, rows, table)));
}
/* A long table is folded, and stays as it is left from step to step. */
const MOST_ROWS = 30, UNFOLDED = new Set();
function folded(title, rows, table) {
  const held = rows.filter(([, a]) => !isZero(a)).length;
  const box = h('details', { class: 'long', open: UNFOLDED.has(title), on: { toggle: () => { if (box.open) UNFOLDED.add(title); else UNFOLDED.delete(title); } } },
    h('summary', {}, `${title}: ${rows.length} numbers, ${held} of them not 0`), table);
  return box;
}
