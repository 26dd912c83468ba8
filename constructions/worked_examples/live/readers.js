/* From what is typed to a prompt, or a refusal in the words of the command line. */
class Refusal extends Error {}
const refuse = message => { throw new Refusal(message); };

/* Python's words of a text, and how Python writes a string in a message. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const wordsOf = text => text.split(new RegExp(`[${SPACE}]+`)).filter(word => word);
const isPrintable = sign => sign === ' ' || !/[\p{C}\p{Z}]/u.test(sign);
function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const hex = (code, width) => code.toString(16).padStart(width, '0');
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\', [quote]: `\\${quote}` };
  return quote + [...text].map(sign => {
    if (named[sign]) return named[sign];
    if (isPrintable(sign)) return sign;
    const code = sign.codePointAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  }).join('') + quote;
}
function cut(text) {
  const signs = [...text];
  return signs.length <= 40 ? quoted(text) : `${quoted(signs.slice(0, 40).join(''))}... (${signs.length} characters)`;
}
const NUMBER = /^-?(?:0|[1-9][0-9]{0,17})$/;
const numbersOf = (tokens, first) => tokens.map((token, k) => (NUMBER.test(token) && token !== '-0'
  ? BigInt(token)
  : refuse(`token ${first + k} is ${cut(token)}: expected an integer of at most 18 digits`)));

/* Retrieval: "3 1 4 1 5 ? 4". */
const QUERY_FAULTS = {
  index([position], n) {
    return position >= 1n && position <= n ? null : `position ${position} is not in the sequence, whose positions are 1 to ${n}`;
  },
  counting([token, threshold], n) {
    if (token < 1n) return `the query token is ${token}: tokens are integers from 1`;
    return threshold >= 0n && threshold <= n ? null
      : `the threshold is ${threshold}: expected 0 to ${n}, the length of the sequence`;
  },
  completion(query) {
    const low = query.reduce((a, b) => (a < b ? a : b));
    return low >= 1n ? null : `the query holds ${low}: tokens are integers from 1`;
  },
};
function readRetrieval(facts, text) {
  const tokens = wordsOf(text), like = `${facts.task} is written like \`${facts.form}\``;
  if (!tokens.length) refuse(`empty input; ${like}`);
  const marks = tokens.flatMap((token, k) => (token === '?' ? [k] : []));
  if (!marks.length) refuse(`no token '?' stands between sequence and query, set off by spaces; ${like}`);
  if (marks.length > 1) refuse(`tokens ${marks[0] + 1} and ${marks[1] + 1} are both '?', expected one; ${like}`);
  const sequence = numbersOf(tokens.slice(0, marks[0]), 1), query = numbersOf(tokens.slice(marks[0] + 1), marks[0] + 2);
  if (!sequence.length) refuse(`the sequence is empty, n must be at least 1; ${like}`);
  const low = sequence.findIndex(token => token < 1n);
  if (low >= 0) refuse(`token ${low + 1} of the sequence is ${sequence[low]}: tokens are integers from 1`);
  if (query.length !== facts.queryLength) {
    refuse(`the query of ${facts.task} has ${query.length} token${query.length === 1 ? '' : 's'}, expected ${facts.queryLength} (${facts.queryMeaning}); ${like}`);
  }
  const fault = (QUERY_FAULTS[facts.task] || QUERY_FAULTS.completion)(query, BigInt(sequence.length));
  if (fault) refuse(`${fault}; ${like}`);
  const n = [BigInt(sequence.length), ...sequence, ...query].reduce((a, b) => (a > b ? a : b));
  limited(facts, n);
  return { kind: 'retrieval', n: Number(n), sequence: sequence.map(Number), query: query.map(Number),
    prompt: ['<s>', ...sequence.map(String), '?', ...query.map(String)] };
}
function limited(facts, n) {
  if (n > facts.largest) refuse(`n = ${n}: this page runs sizes up to ${facts.largest}; the command line has no such limit`);
}

/* Graphs in a line: "1-2 2-3", "1 2", "[BOS]1-2,2-3[EOS]" or graph6, guessed as the command line guesses, which reads more. */
const LINES = /[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/, PAIR = /^[^,~()[\]{}<>-]+-[^,~()[\]{}<>-]+$/u, HEADER = '>>graph6<<', MOST_GRAPH6 = 4096;
const OTHERS = /^(?:<|%%MatrixMarket|\*(?:network|vertices)\b|>>(?:sparse6|digraph6)<<|:|&|LEDA\.GRAPH|[{[]\s*["'{[(\]}]|\([^\s,()]+,\s*[^\s,()]+\)|\{(?:[0-9]+\s*:|.*"(?:nodes|adjacency)")|(?:strict\s+)?(?:di)?graph\b[^[\]]*\{|graph\s*\[|p\s+\S+\s+\d+\s+\S|\(.*;$)/i;
const LONG_DASH = /^[^\u2010-\u2015\u2212]+[\u2010-\u2015\u2212][^\u2010-\u2015\u2212]+$/u;
const WITH_ATTRIBUTES = new RegExp(`^([^#{]*)[${SPACE}]\\{.*\\}[${SPACE}]*$`, 'u'), COMMENT = new RegExp(`^[${SPACE}]*(?:%|//)`, 'u');
const COMMA = new RegExp(`[${SPACE}]*,[${SPACE}]*|[${SPACE}]+`, 'u'), WEIGHT = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const trimmed = text => text.replace(new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, 'gu'), '');
function contentOf(line) {
  if (COMMENT.test(line)) return '';
  const found = WITH_ATTRIBUTES.exec(line);
  return found ? found[1] : line.split('#')[0];
}
function labelFault(label) {
  if (!label) return 'a label is empty: expected at least one character';
  const bad = [...label].some(sign => !isPrintable(sign) || sign === ' ' || ',-~()[]{}<>'.includes(sign));
  return bad ? `label ${cut(label)}: expected printable characters other than space, comma, '-', '~' and brackets` : null;
}
/* Edges one after the other, each as its labels. */
function* joined(words) {
  for (const [k, token] of words.entries()) {
    const ends = token.split('-');
    yield ends.length === 2 ? ends : refuse(`line 1, edge ${k + 1} is ${cut(token)}: expected two labels joined by \`-\`, such as \`1-2\``);
  }
}
function graphFormat(line) {
  const content = contentOf(line), words = wordsOf(content), between = ['\t', ';', ','].find(sign => content.includes(sign));
  if (wordsOf(line).every(token => PAIR.test(token))) return 'inline';
  if (line.startsWith('[BOS]')) return 'paper';
  if (OTHERS.test(line) || wordsOf(line).every(token => LONG_DASH.test(token))) return null;
  if (between && words.length && (between === ';' || content.includes('"') || (content.split(between).length > 2 && !content.includes('{')))) return null;
  if (line.startsWith(HEADER)) return 'graph6';
  if (content.includes('-')) return 'inline';
  return words.length === 1 && !content.includes(',') ? 'graph6' : 'edges';
}
const GRAPHS = {
  inline: line => ({ edges: joined(wordsOf(line)) }),
  paper(line) {
    const [body, ...rest] = line.slice(5).split('[EOS]');
    return rest.length ? { edges: joined(body.split(',')) } : refuse(`line 1 is ${cut(line)}: expected \`[BOS]u-v,u-v[EOS]\``);
  },
  /* Two labels; numbers behind them that name no node are weights. */
  edges(line) {
    const content = trimmed(contentOf(line)), labels = content ? content.split(COMMA) : [], extra = labels.slice(2), isCount = label => /^[0-9]+$/.test(label);
    const told = cut(labels.join(' ')), weights = extra.every(label => WEIGHT.test(label)) && !(extra.every(isCount) && labels.slice(0, 2).some(isCount));
    if (extra.some(label => /[{}]/.test(label))) refuse(`line 1, edge 1 is ${told}: expected attributes in braces behind two labels`);
    if (extra.length && !weights) refuse(`line 1, edge 1 has ${labels.length} labels, ${told}: expected two (--input-format edges reads the first two of each line, adjlist reads a node and its neighbours)`);
    return { edges: labels.length ? [labels.slice(0, 2)] : [] };
  },
  graph6(line) {
    const data = line.startsWith(HEADER) ? line.slice(HEADER.length) : line;
    if (!data) refuse('line 1 holds the header of graph6 and no graph');
    const foreign = [...data].find(sign => sign < '?' || sign > '~');
    if (foreign) refuse(`line 1 holds ${quoted(foreign)}: the characters of graph6 are those from '?' to '~'`);
    const marks = data.startsWith('~~') ? 2 : data.startsWith('~') ? 1 : 0, length = [1, 3, 6][marks], digits = data.slice(marks, marks + length), bits = data.slice(marks + length);
    if (digits.length < length) refuse('line 1 ends within the number of nodes of a graph6 graph');
    const value = sign => sign.charCodeAt(0) - 63, n = [...digits].reduce((sum, digit) => sum * 64 + value(digit), 0);
    if (n > MOST_GRAPH6) refuse(`line 1 announces a graph6 graph of ${n} nodes: at most ${MOST_GRAPH6} are read`);
    const expected = Math.floor((n * (n - 1) / 2 + 5) / 6), edges = [];
    if (bits.length !== expected) refuse(`line 1 announces a graph6 graph of ${n} nodes and has ${bits.length} characters for its edges, expected ${expected}`);
    for (let v = 1, k = 0; v < n; v++) for (let u = 0; u < v; u++, k++) if (value(bits[Math.floor(k / 6)]) >> (5 - k % 6) & 1) edges.push([u, v]);
    return { edges: edges.sort(([a, b], [c, d]) => a - c || b - d).map(ends => ends.map(String)), nodes: [...Array(n).keys()].map(String) };
  },
};
/* The graph of a line, its nodes numbered in the order in which they are named. */
function graphOf({ edges: named, nodes = [] }) {
  const numbers = new Map(), edges = [], seen = new Map();
  for (const ends of named) {
    const place = `line 1, edge ${edges.length + 1}`, [u, v] = ends;
    if (ends.length !== 2) refuse(`${place} has ${ends.length} labels, ${cut(ends.join(' '))}: expected two`);
    for (const label of ends) {
      const fault = labelFault(label);
      if (fault) refuse(`${place}: ${fault}`);
    }
    if (u === v) refuse(`${place} joins ${cut(u)} to itself: expected a simple graph`);
    const earlier = seen.get(`${u} ${v}`) || seen.get(`${v} ${u}`);
    if (earlier) refuse(`${place} joins ${cut(u)} and ${cut(v)} like ${earlier}: expected each edge once; --merge-duplicates reads such edges as one`);
    seen.set(`${u} ${v}`, place);
    for (const label of ends) if (!numbers.has(label)) numbers.set(label, numbers.size + 1);
    edges.push(ends.map(label => numbers.get(label)));
  }
  const isolated = nodes.filter(node => !numbers.has(node));
  if (!edges.length && isolated.length === 1) refuse('line 1: the graph of one node is a tree, but it is excluded: graphs are given by their edges, and it has none');
  if (!edges.length) refuse(`line 1: a graph${isolated.length ? ` of ${isolated.length.toLocaleString('en')} nodes` : ''} without edges, expected at least one edge`);
  if (isolated.length) refuse(`line 1: node ${isolated[0]} is isolated, expected every node to have an edge; --skip-isolated leaves such nodes out`);
  return { kind: 'graph', n: numbers.size, edges, labels: [...numbers.keys()] };
}
function readGraph(facts, text) {
  const line = trimmed(text.replace(/^\ufeff/, ''));
  if (!line) refuse('empty input: expected a graph, such as `1-2 2-3 3-4`');
  if (LINES.test(text)) refuse('the input has several lines: this page reads one');
  const format = graphFormat(line);
  if (!format) refuse('this page reads graphs such as `1-2 2-3`, `1 2`, `[BOS]1-2,2-3[EOS]` and graph6; the command line reads more formats');
  let graph;
  try {
    graph = graphOf(GRAPHS[format](line));
  } catch (error) {
    if (error instanceof Refusal) refuse(`${error.message} (read as ${format}; --input-format chooses another)`);
    throw error;
  }
  limited(facts, graph.n);
  return { ...graph, prompt: ['<s>', ...graph.edges.flatMap(([u, v]) => [String(u), '~', String(v)]), facts.closing] };
}

/* Words of a machine: one character a cell. */
function readWord(facts, text) {
  const machine = facts.machine, named = machine.name.length <= 60 ? quoted(machine.name) : `${quoted(machine.name.slice(0, 60))}...`;
  const listed = machine.symbols.slice(0, 20).map(quoted).join(' ') + (machine.symbols.length > 20 ? ' ...' : '');
  const word = [...text].map((sign, k) => {
    const symbol = machine.symbols.indexOf(sign);
    return symbol >= 0 ? symbol : refuse(`input cell ${k} is ${quoted(sign)}: machine ${named} has the symbols ${listed}`);
  });
  limited(facts, word.length);
  return { kind: 'machine', n: Math.max(1, word.length), word, prompt: machinePrompt(facts, word) };
}
function machinePrompt(facts, word) {
  const { cells, pairs, machine } = facts;
  if (!facts.row) return ['<s>', ...word.flatMap((symbol, k) => [String(k), cells[symbol]]), '?'];
  if (word.length > facts.row) refuse(`an input of ${word.length} symbols does not fit on ${facts.row} cells`);
  const zero = Math.floor((facts.row - word.length) / 2), tape = Array(facts.row).fill(machine.blank);
  word.forEach((symbol, k) => { tape[zero + k] = symbol; });
  const row = tape.map(symbol => cells[symbol]), head = Math.min(zero, facts.row - 1);
  row[head] = pairs[machine.start][tape[head]];
  return ['#', ...row, '#'];
}
const READERS = { retrieval: readRetrieval, graph: readGraph, machine: readWord };
const read = (facts, text) => READERS[facts.kind](facts, text);
