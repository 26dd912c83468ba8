/* The tokens in a row, arcs from who asks to who is picked, and below each token what it offers: the ledger. */
const ROW = 27, TOKENS = 46, DEPTH = 62;
let ARCS = 104; // room for arcs: less above short transcripts

/* Columns: a position each, or a whole search folded into one until it is opened. */
function columnsOf(run, opened) {
  const columns = [], byPosition = [];
  const length = run.tokens.length + (run.done && run.written.length ? 1 : 0), searches = new Map(run.searches.map(search => [search.opening, search]));
  const tokenAt = j => (j < run.tokens.length ? run.tokens[j] : run.written[run.written.length - 1]);
  let x = 0;
  for (let j = 0; j < length; j++) {
    const search = searches.get(j), folded = search && search.closing < run.tokens.length && !opened.has(j);
    const text = folded ? `search\u2026` : labelOf(run, tokenAt(j)), width = Math.max(46, Math.min(15, text.length) * 11 + 14);
    const column = { first: j, last: folded ? search.closing : j, text, x, width, own: width, search: folded ? search : null, opens: search || null };
    for (let k = column.first; k <= column.last; k++) byPosition[k] = columns.length;
    columns.push(column);
    x += width;
    j = column.last;
  }
  return { columns, byPosition, width: x };
}
/* Where the columns stand. If who asks and who is picked are too far apart for one screen, what lies between them is left
   out: those columns share the place of a gap. */
const GAP = 56, NARROW = 420;
function placed(layout, targets, here, room) {
  const { columns } = layout, kept = [...targets, here].sort((a, b) => a - b), shown = new Set();
  const span = columns.slice(kept[0], kept[kept.length - 1] + 2).reduce((sum, column) => sum + column.own, 0); // and what is written next
  kept.forEach(k => { for (let c = k - (room > NARROW); c <= k + (room > NARROW); c++) shown.add(c); });
  let x = 0, gap = null;
  layout.gaps = [];
  columns.forEach((column, k) => {
    const left = room !== null && span > room && k > kept[0] && k < kept[kept.length - 1] && !shown.has(k);
    if (left && !gap) { gap = { x, width: GAP, first: column.first, last: column.last, columns: 0 }; layout.gaps.push(gap); x += GAP; }
    if (!left) gap = null;
    if (gap) { gap.last = column.last; gap.columns++; }
    Object.assign(column, left ? { left: true, x: gap.x, width: GAP } : { left: false, x, width: column.own });
    if (!left) x += column.width;
  });
  layout.width = x;
}
const middle = column => column.x + column.width / 2;
const clipped = text => (text.length > 14 ? `${text.slice(0, 13)}\u2026` : text);

/* One arc from a column to another, with a head at its end. */
function arc(from, to, kind, label) {
  if (from === to) {
    return s('g', { class: `arc ${kind}` }, s('path', { d: `M${from - 9} ${ARCS - 2}C${from - 26} ${ARCS - 40} ${from + 26} ${ARCS - 40} ${from + 9} ${ARCS - 4}`, 'marker-end': `url(#tip-${kind})` }),
      label && s('text', { x: from, y: ARCS - 40, 'text-anchor': 'middle' }, label));
  }
  const far = Math.abs(from - to), height = Math.min(ARCS - 26, 22 + far * 0.3), bend = Math.min(40, far / 3), y = ARCS - 2, side = Math.sign(to - from);
  const d = `M${from} ${y}C${from} ${y - height * 1.25} ${to - side * bend * 0.2} ${y - height * 1.25} ${to} ${y - 5}`;
  return s('g', { class: `arc ${kind}` }, s('path', { d, 'marker-end': `url(#tip-${kind})` }),
    label && s('text', { x: (from + to) / 2, y: Math.max(12, y - height * 0.95 - 5), 'text-anchor': 'middle' }, label));
}
/* Labels that would cover each other move apart: to the nearest place that is free, beside, above or below. */
const SHIFTS = [];
for (let dx = -240; dx <= 240; dx += 24) for (let dy = -60; dy <= 60; dy += 4) SHIFTS.push([dx, dy]);
SHIFTS.sort(([a, b], [c, d]) => Math.abs(a) * 1.2 + Math.abs(b) - Math.abs(c) * 1.2 - Math.abs(d));
function apart(groups, from, to) {
  const placed = [];
  for (const group of groups) {
    const text = group.querySelector('text');
    if (!text) continue;
    const half = text.textContent.length * 3.2 + 3, x0 = Number(text.getAttribute('x')), y0 = Number(text.getAttribute('y'));
    const moved = ([dx, dy]) => ({ x: Math.max(from + half, Math.min(to - half, x0 + dx)), y: y0 + dy, half });
    const free = move => { const { x, y } = moved(move); return y >= 11 && y <= ARCS - 12 && placed.every(other => Math.abs(other.y - y) >= 12 || Math.abs(other.x - x) >= half + other.half); };
    const place = moved(SHIFTS.find(free) || [0, 0]);
    text.setAttribute('x', place.x);
    text.setAttribute('y', place.y);
    placed.push(place);
  }
  return groups;
}
const tip = kind => s('marker', { id: `tip-${kind}`, class: `tip ${kind}`, viewBox: '0 0 8 8', refX: 6, refY: 4, markerWidth: 6, markerHeight: 6, orient: 'auto' }, s('path', { d: 'M0 .5L7.5 4L0 7.5z' }));

class Strip {
  constructor(go, open) {
    Object.assign(this, { go, open, opened: new Set(), run: null });
    $('scroll').addEventListener('scroll', () => { if (!this.waits) { this.waits = true; requestAnimationFrame(() => { this.waits = false; if (!this.covers()) this.draw(); }); } }, { passive: true });
  }
  reset(run) { this.run = run; this.opened.clear(); this.layout = columnsOf(run, this.opened); }
  unfold(search) {
    if (this.opened.has(search.opening)) this.opened.delete(search.opening); else this.opened.add(search.opening);
    this.layout = columnsOf(this.run, this.opened);
  }
  column(i) { return this.layout.byPosition[i]; }
  /* The position that stands for a column when one steps: the end of a folded search. */
  positionAt(column) { const c = this.layout.columns[column]; return Math.min(c.last, this.run.tokens.length - 1); }
  show(i, view, others) {
    if (i !== this.i || (view && this.view && view.head !== this.view.head)) this.whole = false;
    Object.assign(this, { i, view, others });
    $('caps').hidden = !view; // nothing to name below the tokens
    const scroll = $('scroll'), width = scroll.clientWidth, { columns } = this.layout, index = this.column(i);
    const targets = (view ? [view.at] : this.picks().length ? this.picks().slice(0, 1) : windowOf(this.run, i)).map(j => this.column(j));
    placed(this.layout, targets, index, this.whole ? null : width);
    const here = columns[index];
    ARCS = this.layout.width < 700 ? 84 : 104;
    const rows = this.rows(), height = ARCS + TOKENS + rows * ROW + (view && !view.averages ? DEPTH : 0) + (view ? ROW : 0) + 6;
    if (this.shape !== `${this.layout.width} ${height}`) { // a style that is set makes the browser lay all out again
      this.shape = `${this.layout.width} ${height}`;
      $('lane').style.width = `${this.layout.width + 12}px`;
      $('lane').style.height = `${height}px`;
      $('caps').style.height = `${height}px`;
      $('tokens').style.top = `${ARCS}px`;
    }
    const seen = [...targets, index].map(k => columns[k]), left = Math.min(...seen.map(c => c.x)), right = Math.max(...seen.map(c => c.x + c.width));
    const next = Math.min(this.layout.width, right + here.width), end = next - left <= width ? next : right; // what is written next, if there is room
    if (end - left > width) scroll.scrollLeft = left - 8;
    else if (left < scroll.scrollLeft || end > scroll.scrollLeft + width) scroll.scrollLeft = (left + end - width) / 2;
    this.draw();
  }
  /* Whether what is seen is drawn already, with room to spare on either side. */
  covers() {
    const { scrollLeft, clientWidth } = $('scroll');
    return this.drawn && scrollLeft >= this.drawn[0] && scrollLeft + clientWidth <= this.drawn[1];
  }
  rows() { return this.view ? this.view.labels.length : 0; }
  draw() {
    if (!this.run || this.i === undefined) return;
    const scroll = $('scroll'), left = scroll.scrollLeft - 250, right = scroll.scrollLeft + scroll.clientWidth + 250;
    this.drawn = [Math.max(0, left), right];
    const shown = this.layout.columns.filter(c => !c.left && c.x + c.width > left && c.x < right);
    const focused = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.column;
    replace($('tokens'), shown.map(c => this.token(c)), this.layout.gaps.map(gap => this.gap(gap)));
    if (focused) { const again = $('tokens').querySelector(`[data-column="${focused}"]`); if (again) again.focus({ preventScroll: true }); }
    const svg = $('drawing'), height = $('lane').style.height;
    svg.setAttribute('width', this.layout.width + 12);
    svg.setAttribute('height', parseInt(height, 10));
    replace(svg, s('defs', {}, ['pick', 'other', 'source', 'window'].map(tip)), this.bands(parseInt(height, 10)), this.arcs(), this.view ? this.ledger(shown) : null);
    this.captions();
  }
  token(c) {
    const { run, i } = this, index = this.column(c.first), current = this.column(i) === index, next = c.first === run.tokens.length;
    const picked = this.picks().some(j => this.column(j) === index), writes = c.first === i + 1 && fateOf(run, i) === 'written';
    const found = run.searches.some(search => c.first > search.closing && c.first <= search.closing + search.tokens.length);
    const classes = ['tok', current && 'now', picked && 'picked', c.first > i && 'later', c.first >= run.prompt && 'made', found && 'found', writes && 'writes', c.search && 'folded'];
    const label = c.search ? `positions ${c.first} to ${c.last}, a search` : `position ${c.first}, ${c.text}`;
    const button = h('button', { type: 'button', class: classes.filter(Boolean).join(' '), tabindex: current ? 0 : -1, 'data-column': index, disabled: next,
      'aria-current': current ? 'step' : null, 'aria-label': label, title: label, on: { click: () => this.go(this.positionAt(index)) } }, h('b', {}, clipped(c.text)), h('small', {}, c.search ? `${c.first}\u2013${c.last}` : String(c.first)));
    button.style.left = `${c.x}px`;
    button.style.width = `${c.width}px`;
    return button;
  }
  gap(gap) {
    const what = `positions ${gap.first} to ${gap.last} are left out; show them`;
    const button = h('button', { type: 'button', class: 'tok gap', 'aria-label': what, title: what, on: { click: () => { this.whole = true; this.show(this.i, this.view, this.others); } } }, h('b', {}, '\u22ef'), h('small', {}, `${gap.last - gap.first + 1} more`));
    button.style.left = `${gap.x}px`;
    button.style.width = `${gap.width}px`;
    return button;
  }
  picks() {
    if (this.view) return this.view.picks;
    const search = searchAt(this.run, this.i);
    return search ? search.captured : [];
  }
  bands(height) {
    const band = (j, kind) => { const c = this.layout.columns[this.column(j)]; return s('rect', { class: `band ${kind}`, x: c.x + 2, y: ARCS - 2, width: c.width - 4, height: height - ARCS - 2, rx: 8 }); };
    const search = this.view ? null : searchAt(this.run, this.i), prompt = this.layout.columns[this.column(this.run.prompt)];
    const span = search && search.span ? [this.layout.columns[this.column(search.span[0])], this.layout.columns[this.column(Math.max(search.span[0], search.span[1] - 1))]] : null;
    return [prompt && s('line', { class: 'divide', x1: prompt.x, x2: prompt.x, y1: ARCS - 6, y2: ARCS + TOKENS }),
      span && s('rect', { class: 'band span', x: span[0].x, y: ARCS + TOKENS - 5, width: span[1].x + span[1].width - span[0].x, height: 4 }),
      this.picks().slice(0, 60).map(j => band(j, 'there')), band(this.i, 'here')];
  }
  arcs() {
    const { view, i } = this, at = j => middle(this.layout.columns[this.column(j)]), drawn = [];
    const search = view ? null : searchAt(this.run, i);
    if (!search) windowOf(this.run, i).forEach(j => { if (this.column(j) !== this.column(i)) drawn.push(arc(at(i), at(j), 'window', null)); });
    const { scrollLeft, clientWidth } = $('scroll'), source = view && view.hit && !view.averages ? sourceOf(view, view.at) : null;
    this.others.forEach(other => {
      if (source && view.at === i && source.head.id === other.head.id) return; // it is drawn as the source
      const seen = at(other.at) >= scrollLeft && at(other.at) <= scrollLeft + clientWidth;
      drawn.push(arc(at(i), at(other.at), 'other', !seen ? null : other.hit || other.fixed ? other.head.name : `${other.head.name}: no match`));
    });
    if (search) search.captured.slice(0, 3).forEach(j => drawn.push(arc(at(i), at(j), 'pick', 'captured')));
    if (view) {
      if (source) drawn.push(arc(at(view.at), at(source.to), 'source', source.head.name));
      view.picks.slice(0, 24).forEach((j, k) => drawn.push(arc(at(i), at(j), 'pick', k ? null : this.pickLabel(view))));
    }
    const labelled = apart(drawn.reverse(), Math.max(0, scrollLeft), Math.min(scrollLeft + clientWidth, this.layout.width + 60)).reverse();
    // Labels come last, so that no arc runs over them.
    return [labelled, labelled.map(group => s('g', { class: group.getAttribute('class').replace('arc', 'label') }, group.querySelector('text')))];
  }
  /* The head's name, and where there is room the score and by how much it is the largest. */
  pickLabel(view) {
    const { name } = view.head, second = runnerUp(view);
    if (view.averages) return view.picks.length > 1 ? `${name}: the mean of ${view.picks.length}` : name;
    if ($('scroll').clientWidth < NARROW || second < 0) return name;
    return `${name}: ${shown(view.score(view.at))}, ahead by ${shown(subtract(view.score(view.at), view.score(second)))}`;
  }
  ledger(shown) {
    const { view, i, run } = this, top = ARCS + TOKENS, depth = top + this.rows() * ROW, cells = [], line = depth + 12;
    if (!view.averages) cells.push(s('line', { class: 'perfect', x1: 0, x2: this.layout.width, y1: line, y2: line }));
    const distances = view.averages ? null : shown.filter(c => c.first <= i && !c.search && !view.excluded(c.first)).map(c => Math.sqrt(Math.max(0, approximately(view.off(c.first)))));
    const scale = view.averages ? 0 : Math.min(5, (DEPTH - 18) / Math.max(1, ...distances));
    for (const c of shown) {
      const j = c.first, x = middle(c);
      if (j > i || c.search) continue;
      const excluded = view.excluded(j), isDefault = view.isDefault(j), offers = view.offers(j), picked = view.picks.includes(j);
      view.labels.forEach((label, f) => {
        const y = top + f * ROW + 14, equal = !isDefault && !excluded && compare(offers[f], view.want[f]) === 0;
        if (equal) cells.push(s('circle', { class: picked ? 'ring full' : 'ring', cx: x, cy: y, r: 11.5 }));
        const text = isDefault ? (f ? '' : view.averages ? 'first' : 'none') : excluded ? '\u00b7' : valueText(run, label.key, offers[f]);
        cells.push(s('text', { class: `offer${equal ? ' equal' : ''}${equal && picked ? ' on' : ''}`, x, y: y + 4.5, 'text-anchor': 'middle' }, text));
      });
      const y = depth + (view.averages ? 0 : DEPTH) + 17;
      if (!view.averages && !excluded) {
        const below = line + scale * Math.sqrt(Math.max(0, approximately(view.off(j)))), perfect = view.matched(j);
        cells.push(s('line', { class: 'drop', x1: x, x2: x, y1: line, y2: below }), s('circle', { class: `dot${perfect ? ' match' : ''}${picked ? ' on' : ''}`, cx: x, cy: below, r: 4.5 }));
      }
      const score = view.averages ? (picked ? `1/${view.picks.length}` : '0') : plain(view.score(j));
      if (!excluded || picked) cells.push(s('text', { class: `score${picked ? ' on' : ''}`, x, y, 'text-anchor': 'middle' }, score.replace('-', '\u2212').slice(0, 9)));
    }
    return cells;
  }
  captions() {
    const view = this.view, top = ARCS + TOKENS, lines = [];
    const put = (y, ...what) => { const p = h('p', {}, what); p.style.top = `${y}px`; lines.push(p); };
    if (view) {
      view.labels.forEach((label, f) => put(top + f * ROW + 4, `${brief(label.key, $('scroll').clientWidth < NARROW ? 18 : 30)} = `, here(valueText(this.run, label.key, view.want[f])), '?'));
      const depth = top + view.labels.length * ROW;
      if (!view.averages) { put(depth + 2, 'a perfect match'); put(depth + 30, 'how far off'); }
      put(depth + (view.averages ? 4 : DEPTH + 4), view.averages ? 'weight' : 'score');
    }
    replace($('caps'), lines);
  }
}
