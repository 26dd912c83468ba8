/* The model: a blueprint (matrices of polynomials in n) at one size, run position by position, and its decoding. */

/* A symbolic matrix at given values: rows of [column, value, polynomial]. */
function matrixAt(matrix, coordinates, values) {
  const names = what => (what === '*' ? coordinates : what);
  const rows = names(matrix.rows), columns = names(matrix.columns), by = rows.map(() => []);
  for (const [i, j, text] of matrix.entries) by[i].push([j, valueOf(text, values), text]);
  return { rows, columns, by };
}
function modelAt(blueprint, sizes) {
  const values = { ...sizes };
  for (const [scale, bound] of Object.entries(blueprint.scales)) {
    const least = valueOf(bound, values);
    let power = 1n;
    while (power < least) power *= 2n;
    values[scale] = small(power);
  }
  const all = part => Object.fromEntries(Object.entries(part).map(
    ([name, matrix]) => [name, matrixAt(matrix, blueprint.coordinates, values)]));
  const [low, high] = blueprint.numbers.map(text => Number(valueOf(text, values)));
  const layers = blueprint.layers.map(layer => (layer.kind === 'attention'
    ? { kind: layer.kind, heads: layer.heads.map(h => ({ name: h.name, slope: h.slope, ...all(h.matrices) })) }
    : { kind: layer.kind, ...all(layer.matrices) }));
  const specials = blueprint.specials, vocabulary = [...specials];
  for (let k = low; k <= high; k++) vocabulary.push(String(k));
  const heads = [];
  layers.forEach((layer, li) => (layer.heads || []).forEach((head, hi) => heads.push({ ...head, id: `${li}:${hi}`, layer: li })));
  return {
    blueprint, values, low, high, specials, vocabulary, layers, heads,
    coordinates: blueprint.coordinates,
    place: new Map(blueprint.coordinates.map((name, i) => [name, i])),
    ids: new Map(vocabulary.map((token, i) => [token, i])),
    embedding: all(blueprint.embedding),
    unembedding: all(blueprint.unembedding),
    context: Number(valueOf(blueprint.context, values)),
    answers: blueprint.answers && new Set(blueprint.answers),
    search: blueprint.search && searcherOf(blueprint.search, vocabulary, specials.length),
  };
}
function dot(row, x) {
  let sum = 0;
  for (const [j, weight] of row) if (x[j] !== 0) sum = add(sum, multiply(weight, x[j]));
  return sum;
}
const apply = (matrix, x) => matrix.by.map(row => dot(row, x));

function embed(model, token, position) {
  const { special, polynomial: powers, position: places } = model.embedding;
  const at = model.specials.indexOf(token), number = at < 0 ? Number(token) : 0;
  const p = [position, multiply(position, position)], k = [1, number, multiply(number, number)];
  return model.coordinates.map((_, r) => {
    let sum = dot(places.by[r], p);
    if (at < 0) return add(sum, dot(powers.by[r], k));
    for (const [j, value] of special.by[r]) if (j === at) sum = add(sum, value);
    return sum;
  });
}
/* The score of one key: query times key plus slope times position. */
function scoreOf(head, query, key, position) {
  let score = multiply(head.slope, position);
  for (let f = 0; f < query.length; f++) if (query[f] !== 0 && key[f] !== 0) score = add(score, multiply(query[f], key[f]));
  return score;
}
/* All positions with the largest score among 0 .. i. */
function pick(head, query, keyAt, i) {
  let best = null, picks = [];
  for (let j = 0; j <= i; j++) {
    const score = scoreOf(head, query, keyAt(j), j), order = best === null ? 1 : compare(score, best);
    if (order > 0) { best = score; picks = [j]; } else if (order === 0) picks.push(j);
  }
  return { best, picks };
}
/* What a head reads: the average of the values at the positions that it picks. */
function average(width, picks, valueAt) {
  const read = [];
  for (let r = 0; r < width; r++) {
    let sum = 0;
    for (const j of picks) sum = add(sum, valueAt(j)[r]);
    read.push(picks.length > 1 ? over(sum, picks.length) : sum);
  }
  return read;
}
function write(matrix, values, y) {
  matrix.by.forEach((row, r) => { if (row.length) y[r] = add(y[r], dot(row, values)); });
}
/* All layers at one position. `instead`, if given, replaces what one head reads and records nothing: {id, read}. */
function layersAt(run, i, x, instead) {
  const model = run.model, seen = instead ? null : run.at[i];
  model.layers.forEach((layer, li) => {
    const y = x.slice();
    if (layer.kind === 'attention') {
      layer.heads.forEach((head, hi) => {
        const id = `${li}:${hi}`, query = apply(head.query, x), key = apply(head.key, x), value = apply(head.value, x);
        let read = instead && instead.id === id ? instead.read : null;
        if (!read) {
          const { best, picks } = pick(head, query, j => (j === i ? key : run.at[j].heads[id].key), i);
          read = average(value.length, picks, j => (j === i ? value : run.at[j].heads[id].value));
          if (seen) seen.heads[id] = { query, key, value, best, picks, read };
        }
        write(head.output, read, y);
      });
    } else if (layer.kind === 'feed-forward') {
      const gate = apply(layer.gate, x), value = apply(layer.value, x);
      const fired = gate.map((g, u) => (isPositive(g) ? multiply(g, value[u]) : 0));
      if (seen) seen.units[li] = { gate, value, fired };
      write(layer.output, fired, y);
    } else {
      const before = i ? run.at[i - 1].state[li] : (layer.kept || layer.transition).rows.map(() => 0);
      const input = apply(layer.input, x);
      let state = layer.transition.by.map((row, r) => add(dot(row, before), input[r]));
      if (layer.selector && i) {  // gated units that the input opens, through which the state moves
        const gate = apply(layer.selector, x), held = apply(layer.selected, before);
        const fired = gate.map((g, u) => (isPositive(g) ? multiply(g, held[u]) : 0));
        write(layer.change, fired, state);
      }
      if (layer.kept) {  // an inner vector that gated units change one after the other, as in LSTM and GRU
        layer.opens.by.forEach((row, unit) => {
          const gate = dot(row, state), carried = isPositive(gate) ? multiply(gate, dot(layer.carries.by[unit], state)) : 0;
          write(layer.adds, layer.opens.by.map((_, u) => (u === unit ? carried : 0)), state);
        });
        state = apply(layer.kept, state);
      }
      if (seen) seen.state[li] = state;
      write(layer.output, state, y);
      write(layer.feedthrough, x, y);
    }
    x = y;
  });
  return x;
}
/* Every token's logit, in the order of the vocabulary. */
function logitsOf(model, x) {
  const logits = apply(model.unembedding.special, x), [a, b, c] = apply(model.unembedding.polynomial, x);
  for (let k = model.low; k <= model.high; k++) logits.push(add(a, multiply(k, add(b, multiply(k, c)))));
  return logits;
}
/* The largest logit, ties to the lower id, and the next. */
function decide(model, x) {
  const logits = logitsOf(model, x);
  let best = 0, second = -1;
  for (let t = 1; t < logits.length; t++) {
    if (compare(logits[t], logits[best]) > 0) { second = best; best = t; }
    else if (second < 0 || compare(logits[t], logits[second]) > 0) second = t;
  }
  return { best, second, token: model.vocabulary[best], logit: logits[best],
    next: second < 0 ? null : model.vocabulary[second], nextLogit: second < 0 ? null : logits[second] };
}

/* A decoding. `advance` goes on until it is done or the clock says `until`, so that a page stays alive. */
function begin(model, prompt, limit) {
  const room = Math.max(0, model.context + 2 - prompt.length);
  return { model, prompt: prompt.length, waiting: [...prompt], tokens: [], at: [], written: [], searches: [],
    limit: limit === undefined || limit === null ? room : Math.min(limit, room), inside: false, done: false, answer: null };
}
function feed(run, token) {
  const i = run.tokens.length, seen = { heads: {}, units: {}, state: {} };
  if (!run.model.ids.has(token)) throw new Error(`token ${token} is not in the vocabulary`);
  run.tokens.push(token);
  run.at.push(seen);
  seen.x = layersAt(run, i, embed(run.model, token, i), null);
  seen.out = decide(run.model, seen.x);
  return seen.out.token;
}
function finish(run, answer) {
  run.done = true;
  run.answer = answer;
}
function writeNext(run, token) {
  if (run.written.length >= run.limit) return finish(run, null);
  const search = run.model.search;
  const put = t => { run.written.push(t); run.waiting.push(t); };
  put(token);
  if (search && token === search.closing) {
    const found = searchIn(search, [...run.tokens, token]);
    run.searches.push(found);
    found.tokens.forEach(put);
    run.inside = false;
  } else {
    if (search) run.inside = run.inside || token === search.opening;
    const ends = !run.inside && (run.model.answers === null || run.model.answers.has(token));
    if (ends) return finish(run, token);
  }
  if (run.written.length > run.limit) {
    run.waiting.splice(run.waiting.length - (run.written.length - run.limit));
    run.written.length = run.limit;
  }
  if (run.written.length >= run.limit) finish(run, null);
}
function advance(run, until) {
  while (!run.done) {
    const token = run.waiting.shift(), next = feed(run, token);
    if (!run.waiting.length) writeNext(run, next);
    if (until && performance.now() > until) return false;
  }
  return true;
}
function decode(model, prompt, limit) {
  const run = begin(model, prompt, limit);
  advance(run);
  return run;
}
/* What would be written at a position if one head had read something else. */
const decideWith = (run, i, id, read) =>
  decide(run.model, layersAt(run, i, embed(run.model, run.tokens[i], i), { id, read })).token;
