/* Turing machines: what a transcript says of the tape, and the embedding of another table of the same shape. */
const MOVES = { '-1': 'L', 0: 'N', 1: 'R' };
const entryText = (machine, entry) => (entry ? `${machine.symbols[entry[0]]} ${MOVES[entry[1]]} ${machine.states[entry[2]]}` : 'none');
const tableOf = machine => new Map(machine.table.map(([q, a, ...entry]) => [`${q} ${a}`, entry]));
/* The rows of the tape: {at, state, head, symbols from first on}, each from the token that tells of it on. */
function tapeRows(run, facts) {
  const symbolOf = new Map(facts.cells.map((token, a) => [token, a])), pairOf = new Map();
  facts.pairs.forEach((row, q) => row.forEach((token, a) => { if (token) pairOf.set(token, [q, a]); }));
  const tokens = run.written.length && run.done ? [...run.tokens, run.written[run.written.length - 1]] : run.tokens;
  const hidden = new Set();
  run.searches.forEach(search => { for (let j = search.opening; j <= search.closing + search.tokens.length; j++) hidden.add(j); });
  const told = facts.row ? rowsOfConfigurations(tokens, symbolOf, pairOf) : rowsOfWalk(tokens, hidden, facts, symbolOf, pairOf);
  return run.answer === 'HALT' ? withEnd(told, facts.machine, tokens.length - 1) : told;
}
/* The rows and one more: the tape after the last rule, if it leads to a halting state. */
function withEnd(told, machine, at) {
  const last = told.rows.filter(row => row.state !== null).pop(), entry = last && tableOf(machine).get(`${last.state} ${last.read}`);
  if (!entry || !machine.halting.includes(entry[2])) return told;
  const head = last.head + entry[1], cells = new Map(last.cells).set(last.head, entry[0]);
  return { ...told, low: Math.min(told.low, head), high: Math.max(told.high, head), rows: [...told.rows, { at, state: entry[2], read: null, head, cells, after: last }] };
}
function rowsOfWalk(tokens, hidden, facts, symbolOf, pairOf) {
  const table = tableOf(facts.machine), cells = new Map(), rows = [];
  let position = 0;
  tokens.forEach((token, at) => {
    if (hidden.has(at)) return;
    if (isNumber(token)) position = Number(token);
    else if (symbolOf.has(token)) cells.set(position, symbolOf.get(token));
    else if (pairOf.has(token)) {
      const [state, read] = pairOf.get(token), entry = table.get(`${state} ${read}`);
      cells.set(position, read);
      rows.push({ at, state, read, head: position, cells: new Map(cells) });
      if (entry) cells.set(position, entry[0]);
    }
  });
  const visited = rows.map(row => row.head), low = Math.min(0, ...visited), high = Math.max(0, ...visited, ...cells.keys());
  return { low, high, blank: facts.machine.blank, rows };
}
function rowsOfConfigurations(tokens, symbolOf, pairOf) {
  const rows = [];
  let cells = new Map(), head = null, state = null, read = null, at = 0, width = 0;
  tokens.forEach((token, place) => {
    if (token === '#') {
      if (cells.size) rows.push({ at, state, read, head, cells });
      [cells, head, state, read, at] = [new Map(), null, null, null, place];
      return;
    }
    if (pairOf.has(token)) { head = cells.size; [state, read] = pairOf.get(token); at = place; cells.set(cells.size, read); }
    else if (symbolOf.has(token)) cells.set(cells.size, symbolOf.get(token));
    width = Math.max(width, cells.size);
  });
  if (cells.size) rows.push({ at, state, read, head, cells });
  return { low: 0, high: width - 1, blank: 0, rows };
}

/* The same model for another table: only the rows of the embedding change that say what a step does. */
function rewired(document, table) {
  const { blueprint, facts } = document, { machine } = facts, halting = new Set(machine.halting), old = tableOf(machine);
  const tokens = [];
  facts.pairs.forEach((row, q) => row.forEach((token, a) => { if (token) tokens.push([token, old.get(`${q} ${a}`), table.get(`${q} ${a}`)]); }));
  const index = a => (a === machine.blank ? 0 : a < machine.blank ? a + 1 : a), stops = e => e && halting.has(e[2]);
  const own = tokens.filter(([, e]) => stops(e)).map(([t]) => t), missing = tokens.filter(([, e]) => !e).map(([t]) => t);
  const isHalting = `is ${own.join(' or ')}`, isMissing = `is ${missing.join(' or ')}`;
  if (!own.length && tokens.some(([, , e]) => stops(e))) refuse('this model was wired for a table without a halting rule; give it one with --machine');
  if (!missing.length && tokens.some(([, , e]) => !e)) refuse('this model was wired for a table without a gap; give it one with --machine');
  const ranges = { leads: [...tokens.map(([, e]) => (e ? e[2] : 0)), machine.start], moves: tokens.map(([, e]) => (e ? e[1] : 0)) };
  for (const [token, , e] of tokens) {
    if (!e) continue;
    if (e[2] > Math.max(...ranges.leads)) refuse(`${token} leads to ${machine.states[e[2]]}, but the weights are proved for states up to ${machine.states[Math.max(...ranges.leads)]}`);
    if (e[1] < Math.min(0, ...ranges.moves) || e[1] > Math.max(0, ...ranges.moves)) refuse(`${token} moves ${MOVES[e[1]]}, but the weights are proved for the moves of the table that was given`);
  }
  const moved = (e, move) => e && e[1] === Number(move) && !stops(e);
  const meaning = { leaves: e => (e ? index(e[0]) : 0), 'leads to': e => (e ? e[2] : 0), moves: e => (e ? e[1] : 0), [isHalting]: e => (stops(e) ? 1 : 0), [isMissing]: e => (e ? 0 : 1) };
  for (const move of ['+1', '-1', '+0']) {
    meaning[`goes ${move}`] = e => (moved(e, move) ? 1 : 0);
    meaning[`enters ${move}`] = e => (moved(e, move) ? e[2] : 0);
  }
  const special = blueprint.embedding.special, places = new Map(special.columns.map((token, j) => [token, j])), steps = new Set(tokens.map(([token]) => places.get(token)));
  const changed = row => meaning[blueprint.coordinates[row]] !== undefined;
  const entries = special.entries.filter(([row, column]) => !(changed(row) && steps.has(column)));
  blueprint.coordinates.forEach((name, row) => {
    if (changed(row)) tokens.forEach(([token, , e]) => { const value = meaning[name](e); if (value) entries.push([row, places.get(token), String(value)]); });
  });
  return { blueprint: { ...blueprint, embedding: { ...blueprint.embedding, special: { ...special, entries } } },
    facts: { ...facts, machine: { ...machine, table: [...table].map(([key, entry]) => [...key.split(' ').map(Number), ...entry]) } } };
}
