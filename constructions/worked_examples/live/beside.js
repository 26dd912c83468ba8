/* Side by side: what all families write on the same input, and a recurrent network that forgets. */
const KEPT = 3;
function sideBySide() {
  const text = $('input').value, rows = state.documents.map((document, k) => {
    let run = k === state.which ? state.run : null;
    try { if (!run) { run = begun(document, text); advance(run); } } catch (error) { if (!(error instanceof Refusal)) throw error; return null; }
    const layout = columnsOf(run, new Set()), made = layout.columns.filter(c => c.first >= run.prompt);
    return h('tr', { class: k === state.which ? 'on' : null }, h('th', { scope: 'row' }, document.facts.label), h('td', {}, `${run.written.length} token${run.written.length === 1 ? '' : 's'}${run.searches.length ? `, ${run.searches.length} search${run.searches.length === 1 ? '' : 'es'}` : ''}`),
      h('td', { class: 'made' }, made.map(c => h('span', { class: c.search ? 'fold' : null }, `${c.text} `))), h('td', {}, h('b', {}, run.answer === null ? 'none' : run.answer)));
  });
  $('beside').hidden = false;
  replace($('besidetable'), h('table', {}, h('thead', {}, h('tr', {}, ['model', 'writes', '', 'answer'].map(name => h('th', { scope: 'col' }, name)))), h('tbody', {}, rows)));
  replace($('forgets'), forgets());
}
/* Another input that a network with the last three tokens (or edges) in its state cannot tell from this one. */
function twinOf(reader) {
  const answerTo = prompt => { const run = begin(modelAt(state.run.model.blueprint, state.run.model.values), prompt, state.run.limit); advance(run); return run.answer; };
  const own = state.run.answer;
  if (reader.kind === 'graph') {
    for (let k = 0; k < reader.edges.length - KEPT; k++) {
      const text = reader.edges.filter((_, e) => e !== k).map(edge => edge.map(node => reader.labels[node - 1]).join('-')).join(' ');
      const other = read(subject().facts, text), answer = answerTo(other.prompt);
      if (answer !== own) return { text, answer };
    }
    return null;
  }
  const { sequence, query } = reader, letters = [...new Set([...sequence, ...query, 1, 2])].filter(token => token >= 1 && token <= reader.n);
  for (let k = sequence.length - KEPT - 1; k >= 0; k--) for (const letter of letters) {
    if (letter === sequence[k]) continue;
    const changed = sequence.map((token, j) => (j === k ? letter : token)), answer = answerTo(['<s>', ...changed.map(String), '?', ...query.map(String)]);
    if (answer !== own) return { text: `${changed.join(' ')} ? ${query.join(' ')}`, answer };
  }
  return null;
}
function forgets() {
  const { reader } = state.run, graph = reader.kind === 'graph', what = graph ? 'edges' : 'tokens', twin = twinOf(reader);
  const { forgotten } = subject().facts;
  if (!twin) return [`A recurrent network without a search whose state is the last ${KEPT} ${what} may still answer this input: no ${graph ? 'edge' : 'token'} before them matters here. It fails on `,
    h('button', { type: 'button', class: 'link', on: { click: () => setText(forgotten) } }, code(forgotten)), '.'];
  return [`A recurrent network without a search, whose state is the last ${KEPT} ${what}, is in the same state after both of these, so it gives both the same answer; but the right ones differ.`,
    h('ul', {}, h('li', {}, code($('input').value), ' has the answer ', h('b', {}, state.run.answer)), h('li', {}, code(twin.text), ' has the answer ', h('b', {}, twin.answer)))];
}
