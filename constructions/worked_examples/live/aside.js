/* Beside the input: the graph with the tour, the tape with the table, or the rules of a chain of thought. */
class GraphView {
  constructor(edit) { Object.assign(this, { edit, places: {}, chosen: null, drawn: '' }); }
  mount(box) {
    this.svg = s('svg', { class: 'graph', viewBox: '0 0 400 250', role: 'group', 'aria-label': 'The graph and the tour', on: { click: event => this.clicked(event) } });
    replace(box, this.svg, h('p', { class: 'cap' }, 'Click two nodes to join or part them, an edge to remove it; pick a node and click beside it for a new neighbour.'));
  }
  clicked(event) {
    const target = event.target.closest('[data-edge]'), { reader } = this.run;
    if (event.target.closest('[data-node]')) return;
    if (target) return this.edit(reader.edges.filter((_, k) => k !== Number(target.dataset.edge)));
    if (this.chosen === null) return;
    const box = this.svg.getBoundingClientRect(), scale = Math.min(box.width / 400, box.height / 250);
    let name = 1;
    while (reader.labels.includes(String(name))) name++;
    const at = { x: (event.clientX - box.left - (box.width - 400 * scale) / 2) / scale, y: (event.clientY - box.top - (box.height - 250 * scale) / 2) / scale };
    const from = this.chosen;
    this.chosen = null;
    this.places[name] = at;
    this.edit([...reader.edges, [from, name]], String(name));
  }
  pressed(node) {
    const { reader } = this.run;
    if (this.chosen === null) this.chosen = node;
    else {
      const from = this.chosen, k = reader.edges.findIndex(([u, v]) => (u === from && v === node) || (v === from && u === node));
      this.chosen = null;
      if (from !== node) return this.edit(k >= 0 ? reader.edges.filter((_, e) => e !== k) : [...reader.edges, [from, node]]);
    }
    this.draw(this.run, this.at);
    return null;
  }
  draw(run, at) {
    Object.assign(this, { run, at });
    const { labels, edges } = run.reader, key = JSON.stringify([labels, edges]);
    if (key !== this.drawn) { this.places = laidOut(labels, edges, this.places); this.drawn = key; }
    const place = node => this.places[labels[node - 1]], radius = labels.length > 16 ? 10 : 15, tour = tourOf(run).filter(([j]) => j <= at).map(([, node]) => node), current = tour[tour.length - 1];
    const walked = tour.slice(1).map((node, k) => {
      const a = place(tour[k]), b = place(node), d = Math.hypot(b.x - a.x, b.y - a.y) || 1, ux = (b.x - a.x) / d, uy = (b.y - a.y) / d, last = k === tour.length - 2;
      return s('line', { class: last ? 'walk last' : 'walk', x1: a.x + ux * (radius + 2) - uy * 5, y1: a.y + uy * (radius + 2) + ux * 5, x2: b.x - ux * (radius + 4) - uy * 5, y2: b.y - uy * (radius + 4) + ux * 5, 'marker-end': 'url(#tip-walk)' });
    });
    const nodes = labels.map((label, k) => {
      const p = place(k + 1), pressed = () => this.pressed(k + 1), seen = tour.includes(k + 1);
      return s('g', { class: `node${current === k + 1 ? ' now' : seen ? ' seen' : ''}${this.chosen === k + 1 ? ' chosen' : ''}`, 'data-node': k + 1, tabindex: 0, role: 'button', 'aria-label': `node ${label}`, 'aria-pressed': String(this.chosen === k + 1),
        on: { click: pressed, keydown: event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); event.stopPropagation(); pressed(); } } } },
      s('circle', { cx: p.x, cy: p.y, r: radius }), s('text', { x: p.x, y: p.y + 4.5, 'text-anchor': 'middle', 'font-size': label.length > 3 || radius < 12 ? 10 : 14 }, label.length > 6 ? `${label.slice(0, 5)}\u2026` : label));
    });
    replace(this.svg, s('defs', {}, s('marker', { id: 'tip-walk', class: 'tip walk', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 5, markerHeight: 5, orient: 'auto' }, s('path', { d: 'M0 .5L7.5 4L0 7.5z' }))),
      edges.map(([u, v], k) => { const a = place(u), b = place(v), ends = { x1: a.x, y1: a.y, x2: b.x, y2: b.y }; return [s('line', { class: 'edge', ...ends }), s('line', { class: 'grip', 'data-edge': k, ...ends })]; }), walked, nodes);
  }
}
/* The tour as (position, node): nodes one after the other, "x ok" after T, or records "> u c". */
function tourOf(run) {
  const tokens = run.tokens, made = tokens.map((token, j) => [j, token]).filter(([j, token]) => j >= run.prompt && isNumber(token));
  const start = tokens.indexOf('T'), records = run.model.search !== null && run.model.search !== undefined;
  const steps = records ? made.filter(([j]) => tokens[j - 2] === '>') : start >= 0 ? made.filter(([j]) => j > start && tokens[j + 1] === 'ok') : tokens[run.prompt] === '|' ? [] : made;
  const joined = new Set(run.reader.edges.flatMap(([u, v]) => [`${u} ${v}`, `${v} ${u}`])), kept = [];
  for (const [j, token] of steps) {
    if (kept.length && !joined.has(`${kept[kept.length - 1][1]} ${token}`)) break;
    kept.push([j, Number(token)]);
  }
  return kept;
}
/* A drawing by forces, from where the nodes were before. */
function laidOut(labels, edges, before) {
  const count = labels.length, points = labels.map((label, k) => before[label] ? { ...before[label] } : { x: 200 + 100 * Math.cos(2 * Math.PI * k / count + 0.4), y: 125 + 75 * Math.sin(2 * Math.PI * k / count + 0.4) });
  const rounds = count > 16 ? 120 : 260, length = count > 16 ? 48 : 84, push = count > 16 ? 1500 : 5200;
  for (let round = 0; round < rounds; round++) {
    const force = points.map(() => ({ x: 0, y: 0 })), cool = 1 - round / rounds;
    for (let a = 0; a < count; a++) for (let b = 0; b < a; b++) {
      const dx = points[a].x - points[b].x, dy = points[a].y - points[b].y, d = Math.hypot(dx, dy) || 1, f = push / (d * d * d);
      force[a].x += dx * f; force[a].y += dy * f; force[b].x -= dx * f; force[b].y -= dy * f;
    }
    for (const [u, v] of edges) {
      const a = points[u - 1], b = points[v - 1], dx = b.x - a.x, dy = b.y - a.y, d = Math.hypot(dx, dy) || 1, f = (d - length) * 0.06 / d;
      force[u - 1].x += dx * f; force[u - 1].y += dy * f; force[v - 1].x -= dx * f; force[v - 1].y -= dy * f;
    }
    points.forEach((p, k) => {
      p.x += Math.max(-14, Math.min(14, force[k].x + (200 - p.x) * 0.006)) * cool;
      p.y += Math.max(-14, Math.min(14, force[k].y + (125 - p.y) * 0.014)) * cool;
    });
  }
  const xs = points.map(p => p.x), ys = points.map(p => p.y), [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], k = Math.min(1.3, 350 / (x1 - x0 || 1), 205 / (y1 - y0 || 1));
  return Object.fromEntries(points.map((p, i) => [labels[i], { x: 200 + (p.x - (x0 + x1) / 2) * k, y: 125 + (p.y - (y0 + y1) / 2) * k }]));
}

class MachineView {
  constructor(edit) { Object.assign(this, { edit, editing: null }); }
  mount(box) {
    this.tape = h('div', { class: 'tape', role: 'img' });
    this.table = h('div', { class: 'tablebox' });
    this.editor = h('div', { class: 'editor', hidden: true });
    this.diagram = h('div', {});
    replace(box, h('div', { class: 'machine' }, this.table, this.diagram), this.editor, this.tape, h('p', { class: 'cap' }, 'Above the table, with the rule at work lit (click a rule to change it); below the tape before each step, as the model wrote it, and at the end what is left.'));
  }
  draw(run, at, document) {
    Object.assign(this, { run, at, document });
    const { facts } = document, { machine } = facts, { low, high, blank, rows } = tapeRows(run, facts);
    let now = rows.findIndex(row => row.at > at + 1);
    now = (now < 0 ? rows.length : now) - 1;
    const row = rows[now] || null, working = row && row.after ? row.after : row, lit = working && working.state !== null ? `${working.state} ${working.read}` : '';
    const centre = row && row.head !== null ? row.head : 0, from = Math.max(low, centre - 12), to = Math.min(high, from + 24), first = Math.max(0, now - 3);
    replace(this.tape, rows.slice(first, first + 6).map((r, k) => {
      const cells = [];
      for (let c = from; c <= to; c++) cells.push(h('i', { class: c === r.head ? 'head' : null }, machine.symbols[r.cells.has(c) ? r.cells.get(c) : blank]));
      return h('div', { class: `${first + k === now ? 'cur' : first + k < now ? 'past' : 'later'}${r.after ? ' end' : ''}` }, h('span', { class: 'st' }, r.state === null ? '' : machine.states[r.state]), cells);
    }));
    this.tape.setAttribute('aria-label', row && row.after ? `the final tape, state ${machine.states[row.state]}, cell ${row.head}` : row ? `step ${now + 1} of ${rows.length}, state ${row.state === null ? 'none' : machine.states[row.state]}, cell ${row.head}` : 'no step yet');
    const table = tableOf(machine), states = machine.states.map((name, q) => [name, q]).filter(([, q]) => !machine.halting.includes(q));
    replace(this.table, h('table', { class: 'transitions' }, h('thead', {}, h('tr', {}, h('th', {}, ''), machine.symbols.map(symbol => h('th', { scope: 'col' }, symbol)))),
      h('tbody', {}, states.map(([name, q]) => h('tr', {}, h('th', { scope: 'row' }, name), machine.symbols.map((symbol, a) => h('td', { class: lit === `${q} ${a}` ? 'lit' : null }, h('button', { type: 'button', 'aria-label': `rule for ${name} and ${symbol}: ${entryText(machine, table.get(`${q} ${a}`))}`, on: { click: () => this.open(q, a) } }, entryText(machine, table.get(`${q} ${a}`))))))))));
    replace(this.diagram, machine.states.length <= 6 ? diagramOf(machine, table, lit) : null);
  }
  open(q, a) {
    const { machine } = this.document.facts, table = tableOf(machine), entry = table.get(`${q} ${a}`) || [0, 1, 0];
    const choice = (label, options, value) => h('label', {}, `${label} `, h('select', {}, options.map(([v, text]) => h('option', { value: v, selected: v === value }, text))));
    const parts = [choice('write', machine.symbols.map((x, k) => [k, x]), entry[0]), choice('move', [[-1, 'L'], [0, 'N'], [1, 'R']], entry[1]), choice('go to', machine.states.map((x, k) => [k, x]), entry[2])];
    const change = next => { if (next) table.set(`${q} ${a}`, next); else table.delete(`${q} ${a}`); this.editor.hidden = true; this.edit(table); };
    replace(this.editor, h('b', {}, `${machine.states[q]}, reading ${machine.symbols[a]}: `), parts, h('button', { type: 'button', on: { click: () => change(parts.map(part => Number(part.querySelector('select').value))) } }, 'Change'), h('button', { type: 'button', on: { click: () => change(null) } }, 'No rule'));
    this.editor.hidden = false;
    parts[0].querySelector('select').focus();
  }
}
function diagramOf(machine, table, lit) {
  const count = machine.states.length, centre = machine.states.map((_, k) => ({ x: 95 + 62 * Math.cos(2 * Math.PI * k / count - Math.PI / 2), y: 92 + 62 * Math.sin(2 * Math.PI * k / count - Math.PI / 2) }));
  const lines = [...table].sort(([a], [b]) => (a === lit) - (b === lit)).map(([key, entry]) => {
    const q = Number(key.split(' ')[0]), from = centre[q], to = centre[entry[2]], cls = key === lit ? 'go lit' : 'go';
    if (q === entry[2]) { const out = { x: (from.x - 95) / 62, y: (from.y - 92) / 62 }; return s('circle', { class: cls, cx: from.x + out.x * 15, cy: from.y + out.y * 15, r: 8 }); }
    const d = Math.hypot(to.x - from.x, to.y - from.y) || 1, ux = (to.x - from.x) / d, uy = (to.y - from.y) / d;
    return s('path', { class: cls, 'marker-end': 'url(#tip-go)', d: `M${from.x + ux * 14} ${from.y + uy * 14}Q${(from.x + to.x) / 2 - uy * 14} ${(from.y + to.y) / 2 + ux * 14} ${to.x - ux * 16} ${to.y - uy * 16}` });
  });
  return s('svg', { class: 'states', viewBox: '0 0 190 184', role: 'img', 'aria-label': `state diagram of ${machine.name}` }, s('defs', {}, s('marker', { id: 'tip-go', class: 'tip go', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 5, markerHeight: 5, orient: 'auto' }, s('path', { d: 'M0 .5L7.5 4L0 7.5z' }))), lines,
    machine.states.map((name, k) => [s('circle', { class: `state${lit && Number(lit.split(' ')[0]) === k ? ' lit' : ''}${machine.halting.includes(k) ? ' end' : ''}`, cx: centre[k].x, cy: centre[k].y, r: 13 }), s('text', { x: centre[k].x, y: centre[k].y + 4, 'text-anchor': 'middle' }, name.length > 4 ? name.slice(0, 4) : name)]));
}
/* The table of rules, where the model was wired from one; the rule that fires here is lit. */
class RulesView {
  mount(box) { this.box = box; }
  draw(run, at) {
    const { rules, sentences } = run.model.blueprint, rule = fateOf(run, at) === 'written' ? firedRule(run, at) : null;
    if (!rules.length) return replace(this.box, h('ol', { class: 'how' }, h('li', {}, h('span', {}, run.document.facts.summary))));
    return replace(this.box, h('ol', { class: 'rules' }, rules.map(([context, condition, write], k) => h('li', { class: rule && rule.rule === k ? 'lit' : null }, code(context), condition ? ` if ${condition}` : '', ' \u2192 ', code(write), h('small', {}, (sentences[`rule ${k + 1}`] || [''])[0])))));
  }
}
