/* The weights: each row of a matrix as a sum of named coordinates, beside a heat map with the same names. */
function formulaOf(row, columns) {
  if (!row.length) return ['0'];
  return row.map(([j, , text], k) => {
    const single = polynomial(text).length === 1, minus = single && text.startsWith('-'), size = minus ? text.slice(1) : text;
    const factor = size === '1' ? '' : single ? `${size} ` : `(${size}) `;
    return [k ? (minus ? ' \u2212 ' : ' + ') : minus ? '\u2212' : '', nice(factor), h('b', {}, nice(columns[j]))];
  });
}
function heatOf(matrix, lit) {
  const rows = matrix.by.map((row, r) => [r, row]).filter(([, row]) => row.length), used = [...new Set(rows.flatMap(([, row]) => row.map(([j]) => j)))].sort((a, b) => a - b);
  const size = 15, left = 150, top = 92, largest = Math.max(1, ...rows.flatMap(([, row]) => row.map(([, value]) => Math.log2(1 + Math.abs(approximately(value))))));
  const width = left + used.length * size + 60, height = top + rows.length * size + 4;
  const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}\u2026` : name);
  return s('svg', { class: 'heat', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `heat map of ${rows.length} rows and ${used.length} columns` },
    used.map((j, k) => s('text', { x: left + k * size + 10, y: top - 5, transform: `rotate(-50 ${left + k * size + 10} ${top - 5})` }, short(nice(matrix.columns[j]), 18))),
    rows.map(([r, row], k) => [s('text', { x: left - 6, y: top + k * size + 11, 'text-anchor': 'end', class: lit && lit.has(matrix.rows[r]) ? 'lit' : null }, short(nice(matrix.rows[r]), 24)),
      used.map((_, c) => s('rect', { class: 'cell', x: left + c * size, y: top + k * size, width: size - 1.5, height: size - 1.5 })),
      row.map(([j, value, text]) => s('rect', { class: approximately(value) > 0 ? 'pos' : 'neg', opacity: (0.35 + 0.65 * Math.log2(1 + Math.abs(approximately(value))) / largest).toFixed(2), x: left + used.indexOf(j) * size, y: top + k * size, width: size - 1.5, height: size - 1.5 },
        s('title', {}, `${matrix.rows[r]} \u00d7 ${matrix.columns[j]}: ${text} = ${plain(value)}`)))]));
}
function matrixOf(name, note, matrix, lit) {
  const rows = matrix.by.map((row, r) => [matrix.rows[r], row]).filter(([, row]) => row.length);
  if (!rows.length) return h('div', { class: 'wt' }, h('p', { class: 'name' }, name, h('span', {}, ` ${note} nothing`)));
  const isLit = (title, row) => lit && (lit.has(title) || row.some(([j]) => lit.has(matrix.columns[j])));
  return h('div', { class: 'wt' }, h('p', { class: 'name' }, name, h('span', {}, ` ${note}`)),
    rows.map(([title, row]) => h('p', { class: isLit(title, row) ? 'wrow lit' : 'wrow' }, h('span', { class: 'lhs' }, `${nice(title)}: `), formulaOf(row, matrix.columns))),
    h('div', { class: 'heatbox' }, heatOf(matrix, lit)));
}
const NOTES = { query: 'what this position asks', key: 'what a position offers', value: 'what is handed back', output: 'where that is written' };
class Weights {
  constructor() { this.key = null; }
  /* All weights of the chosen head, the others folded; rows that read what it writes are lit. */
  draw(model, view) {
    const sizes = Object.entries(model.values).map(([name, value]) => `${name} = ${plain(value)}`).join(', '), key = `${view ? view.head.id : ''} ${sizes}`;
    if (key === this.key) return;
    this.key = key;
    const lit = view ? new Set(view.head.value.rows) : null, rest = [['Embedding', Object.entries(model.embedding)]], names = layerNames(model);
    model.layers.forEach((layer, li) => {
      if (layer.kind === 'attention') layer.heads.forEach((head, hi) => { if (!view || view.head.id !== `${li}:${hi}`) rest.push([`${names[li]}: ${head.name}`, Object.keys(NOTES).map(part => [part, head[part]])]); });
      else rest.push([names[li], Object.entries(layer).filter(([part]) => part !== 'kind')]);
    });
    rest.push(['Unembedding', Object.entries(model.unembedding)]);
    const readers = view ? rest.filter(([, parts]) => parts.some(([, m]) => m.by.some(row => row.some(([j]) => lit.has(m.columns[j]))))).map(([title]) => title) : [];
    replace($('wnote'), view ? ['All weights of ', h('b', {}, view.head.name), ', each row as a sum of named coordinates. '] : ['Each row is a sum of named coordinates. '], `Here ${sizes}; at other sizes the same entries take other values. `,
      h('b', { class: 'pos' }, 'Green'), ' adds and ', h('b', { class: 'neg' }, 'plum'), ' subtracts. ',
      view && !isZero(view.head.slope) ? 'The score also adds the position asked, one point a place: that makes the latest win. ' : '',
      readers.length ? `What this head writes is read by ${readers.join(', ')}; those rows are marked.` : '');
    replace($('weights'), view && h('div', { class: 'wgrid' }, Object.entries(NOTES).map(([part, note]) => matrixOf(part, note, view.head[part], null))),
      rest.map(([title, parts]) => {
        const box = h('div', { class: 'wgrid' }), details = h('details', { class: readers.includes(title) ? 'reads' : null, on: { toggle: () => { if (details.open && !box.childElementCount) replace(box, parts.map(([part, matrix]) => matrixOf(part, '', matrix, lit))); } } }, h('summary', {}, title), box);
        return details;
      }));
  }
}
