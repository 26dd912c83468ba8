/* In-context search: what the model wrote becomes a regular expression over the tokens, one character each. */
const FIRST = 0x100, SURROGATES = [0xD800, 0xE000];
const character = id => {
  const code = FIRST + id;
  return String.fromCodePoint(code < SURROGATES[0] ? code : code + SURROGATES[1] - SURROGATES[0]);
};
function searcherOf(language, vocabulary, specials) {
  const ids = new Map(vocabulary.map((token, i) => [token, i]));
  const fragments = new Map(language.fragments.map(([token, text]) => [token,
    text.replace(/`([^`]+)`/g, (_, quoted) => character(ids.get(quoted))).replace(/\\A/g, '^')]));
  return { ...language, ids, fragments, isNumber: token => ids.get(token) >= specials };
}
/* The expression, as it is and for people: pieces [is a token, text]. */
function expressionOf(search, tokens) {
  let text = '', counting = false, closing = false;
  const pieces = [];
  for (const token of tokens) {
    const fragment = search.fragments.get(token);
    if (counting) {
      if (!search.isNumber(token)) throw new Error(`{ is followed by ${token}; expected a number, which is the repeat count`);
      if (Number(token) < 0) throw new Error(`the repeat count ${token} is negative`);
      text += token;
    } else if (closing && !/^[},]/.test(fragment || '')) throw new Error('the repeat count is not followed by } or ,');
    else if (fragment === undefined) text += character(search.ids.get(token));
    else text += closing ? fragment : fragment.replace(/^}/, '\\}'); // a brace that closes nothing is a character
    pieces.push([fragment === undefined, token]);
    [counting, closing] = [!counting && (fragment || '').endsWith('{'), counting];
  }
  if (counting || closing) throw new Error('the expression ends inside a repeat count');
  return { text, pieces };
}
/* The search that the last token closes: what is appended, where it matched, which positions were captured. */
function searchIn(search, context) {
  const closing = context.length - 1, nothing = { closing, opening: null, span: null, captured: [], tokens: [search.failed], pieces: [] };
  let opening = closing - 1;
  while (opening >= 0 && context[opening] !== search.opening && context[opening] !== search.closing) opening--;
  if (opening < 0 || context[opening] === search.closing) return { ...nothing, diagnostic: 'a search was closed that had not been opened' };
  let found, pieces;
  try {
    const expression = expressionOf(search, context.slice(opening + 1, closing));
    pieces = expression.pieces;
    found = new RegExp(expression.text, 'dsu').exec(context.slice(0, opening).map(token => character(search.ids.get(token))).join(''));
  } catch (error) {
    return { ...nothing, opening, diagnostic: `malformed search: ${error.message}` };
  }
  if (!found) return { ...nothing, opening, pieces };
  // Characters beyond 2^16 take two units; only the largest vocabularies have them.
  const place = units => (search.ids.size < 0xD000 ? units : [...found.input.slice(0, units)].length);
  const span = found.indices[0].map(place);
  for (let group = found.length - 1; group > 0; group--) {
    if (!found[group]) continue;
    const [start, end] = found.indices[group].map(place), captured = [];
    for (let j = start; j < end; j++) captured.push(j);
    return { opening, closing, pieces, span, captured, tokens: captured.map(j => context[j]) };
  }
  return { ...nothing, opening, pieces, span };
}
