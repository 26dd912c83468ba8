/* Exact numbers. Three rungs, each exact: a JavaScript number while it is an integer up to 2^53 - 1 in magnitude
   (every product and sum is checked against that), a BigInt beyond, and {n, d} for a fraction in lowest terms. */
const SAFE = Number.MAX_SAFE_INTEGER;
const big = a => (typeof a === 'number' ? BigInt(a) : a);
const small = a => (a <= SAFE && a >= -SAFE ? Number(a) : a);
const numerator = a => (typeof a === 'object' ? a.n : big(a));
const denominator = a => (typeof a === 'object' ? a.d : 1n);

function divisor(a, b) {
  a = a < 0n ? -a : a;
  while (b) [a, b] = [b, a % b];
  return a;
}
/* n / d in lowest terms, for BigInts with d > 0. */
function fraction(n, d) {
  const g = divisor(n, d);
  return d === g ? small(n / g) : { n: n / g, d: d / g };
}
function add(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    return sum <= SAFE && sum >= -SAFE ? sum : BigInt(a) + BigInt(b);
  }
  if (typeof a !== 'object' && typeof b !== 'object') return small(big(a) + big(b));
  return fraction(numerator(a) * denominator(b) + numerator(b) * denominator(a), denominator(a) * denominator(b));
}
function multiply(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    return product <= SAFE && product >= -SAFE ? product : BigInt(a) * BigInt(b);
  }
  if (typeof a !== 'object' && typeof b !== 'object') return small(big(a) * big(b));
  return fraction(numerator(a) * numerator(b), denominator(a) * denominator(b));
}
const negate = a => (typeof a === 'object' ? { n: -a.n, d: a.d } : -a);
const subtract = (a, b) => add(a, negate(b));
const over = (a, count) => fraction(numerator(a), denominator(a) * BigInt(count));
function compare(a, b) {
  if (typeof a !== 'object' && typeof b !== 'object') return a < b ? -1 : a > b ? 1 : 0;
  const left = numerator(a) * denominator(b), right = numerator(b) * denominator(a);
  return left < right ? -1 : left > right ? 1 : 0;
}
const isZero = a => a === 0;
const isPositive = a => (typeof a === 'object' ? a.n > 0n : a > 0);
/* "-3" or "2/3", as Python writes a Fraction. */
const plain = a => (typeof a === 'object' ? `${a.n}/${a.d}` : String(a));
const shown = a => plain(a).replace('-', '\u2212');
const approximately = a => (typeof a === 'object' ? Number(a.n) / Number(a.d) : Number(a));

/* A polynomial as the blueprint writes it, "2 n^2 - S": terms [coefficient, [variable, exponent], ..]. */
const polynomials = new Map();
function polynomial(text) {
  const known = polynomials.get(text);
  if (known) return known;
  const terms = [];
  let sign = 1n, coefficient = null, factors = [];
  const finish = () => {
    if (coefficient !== null || factors.length) terms.push([sign * (coefficient === null ? 1n : coefficient), factors]);
    coefficient = null;
    factors = [];
  };
  for (const word of text.replace(/^-/, '- ').split(' ')) {
    if (word === '+' || word === '-') {
      finish();
      sign = word === '-' ? -1n : 1n;
    } else if (/^\d+$/.test(word)) coefficient = BigInt(word);
    else {
      const [variable, exponent] = word.split('^');
      factors.push([variable, BigInt(exponent || 1)]);
    }
  }
  finish();
  polynomials.set(text, terms);
  return terms;
}
const valueOf = (text, values) => small(polynomial(text).reduce(
  (sum, [c, factors]) => sum + factors.reduce((product, [v, e]) => product * big(values[v]) ** e, c), 0n));
