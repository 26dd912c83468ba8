"""How the numbers of states grow: closed forms in sympy, and their asymptotics as limits.

Of each growth, sympy computes limits that together say: log2(states) is asymptotic to ``bits``. Logarithms
of factorials and binomials have no limit that sympy finds directly, so for a sequence a(n) the quotient
of successive differences is taken (Stolz and Cesaro): if it tends to L, so does log a(n) / g(n) for an
increasing unbounded g. Bell numbers and forests are squeezed between elementary functions; the
inequalities are proved in docs/lower-bounds.md and tested.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

n, k, m, K, a, j = sp.symbols("n k m K a j", positive=True, integer=True)
x = sp.Symbol("x", positive=True)

_NAMES = {"n": n, "k": k, "m": m, "K": K, "a": a, "j": j, "forests": sp.Function("forests")}


def expression(formula: str) -> Expr:
    """The formula of a :class:`Count` as a sympy expression in n, k, m and K.

    >>> expression("binomial(n + k - 1, k - 1)").subs({n: 3, k: 3})
    10
    """
    return sp.sympify(formula, locals=_NAMES)


@functools.cache
def _limit(function: Expr) -> Expr:
    """As x grows; several growths need the same."""
    return sp.limit(function, x, sp.oo)


@dataclass(frozen=True)
class Growth:
    """An asymptotic statement: log2(states) / bits tends to 1.

    Attributes:
        what: task, convention and what is kept fixed.
        bits: the growth of log2(states), in n (or m, K).
        evidence: what sympy computes; each of them must be 1.
        limit: the same in words: of which expression.
        squeezed: where log(states) has no closed form for sympy, between which two expressions it lies by an argument
            for people; else None.
    """

    what: str
    bits: Expr
    evidence: Callable[[], tuple[Expr, ...]]
    limit: str
    squeezed: str | None = None

    def __str__(self) -> str:
        """The bits, with logarithms to the base 2: ``n*log2(n)/2``."""
        return str(self.bits.replace(sp.log, lambda of: sp.log(2) if of == 2 else sp.log(2) * sp.Function("log2")(of)))


_Limits = tuple[Callable[[], tuple[Expr, ...]], str, str | None]
"""The last three attributes of a growth."""


def _stolz(states: Expr, growth: Expr) -> _Limits:
    """The limit of (log a(n + 1) - log a(n)) / (g(n + 1) - g(n)) for a = states; g in nats."""

    def limits() -> tuple[Expr, ...]:
        ratio = sp.combsimp(states.subs(n, n + 1) / states)
        step = growth.subs(n, x + 1) - growth.subs(n, x)
        return (sp.expand_log(_limit(sp.log(ratio.subs(n, x)) / step)),)

    return limits, f"log(a(n + 1)/a(n)) / (g(n + 1) - g(n)) tends to 1 for a = {states}, g = {growth}", None


def _power(states: Expr, bits: Expr) -> _Limits:
    """For powers the logarithm is the growth itself."""
    words = f"log({states})/log(2) is {bits}"
    return lambda: (sp.simplify(sp.expand_log(sp.log(states, 2)) / bits),), words, None


def _factorial_like(states: Expr) -> _Limits:
    """For n! and its kin: against n log n, whose difference is log n + 1 + o(1)."""

    def limits() -> tuple[Expr, ...]:
        return (
            _limit(sp.log(sp.combsimp(states.subs(n, n + 1) / states).subs(n, x)) / (sp.log(x) + 1)),
            _limit((x + 1) * sp.log(x + 1) - x * sp.log(x) - sp.log(x)),
        )

    return limits, f"log(a(n + 1)/a(n)) / (log(n) + 1) tends to 1 for a = {states}", None


def _squeezed(lower: Expr, upper: Expr) -> _Limits:
    """For natural logarithms between two functions of x: both against x log x."""
    return (
        lambda: tuple(_limit(bound / (x * sp.log(x))) for bound in (lower, upper)),
        "both over x*log(x) tend to 1",
        f"its natural logarithm lies between {lower} and {upper}, x = n (docs/lower-bounds.md)",
    )


@functools.cache
def growths() -> tuple[Growth, ...]:
    """One for each row of the tables, and the constant vocabularies at which the bound is lost."""
    log, log2k = sp.log, sp.log(k, 2)
    central = expression("binomial(n + k - 1, k - 1)").subs(k, n)
    # bell(n) >= q^(n - q) for every integer q: the first q nodes in blocks of their own, each other
    # node with one of them. With q = floor(n / log n), log q > log(n / log n - 1).
    below_bell = (x - x / log(x)) * log(x / log(x) - 1)
    return (
        Growth("index, k fixed", n * log2k, *_power(expression("k**n"), n * log2k)),
        Growth("index, k = n", n * log(n, 2), *_power(expression("k**n").subs(k, n), n * log(n, 2))),
        Growth("counting, k = n", 2 * n, *_stolz(central, 2 * n * log(2))),
        *(
            Growth(f"counting, k = {letters} fixed", (letters - 1) * log(n, 2), *_polynomial(letters))
            for letters in (2, 3, 4)
        ),
        Growth("associative recall, k = n, total", n * log(n, 2), *_factorial_like(sp.factorial(n))),
        Growth("associative recall, k = n, promise", n * log(n, 2), *_factorial_like(sp.factorial(n - 1))),
        Growth("key-value, n >= K, k fixed, total", K * log(k + 1, 2), *_key_value()),
        Growth(
            "key-value, n >= K, k fixed, promise", K * log2k, *_power(expression("k**Min(n, K)").subs(n, K), K * log2k)
        ),
        *(
            Growth(
                f"c-gram, linear de Bruijn words, c = {length + 1}, k growing, {convention}",
                n * log(n, 2) / length,
                *_de_bruijn_letters(length, convention),
            )
            for length in (1, 2, 3, 4)
            for convention in ("total", "promise")
        ),
        *(
            Growth(
                f"c-gram, linear de Bruijn words over k = {letters}, c growing, {convention}",
                n * log(sp.factorial(letters), 2) / letters,
                *_de_bruijn(letters, convention),
            )
            for letters, convention in ((2, "total"), (2, "promise"), (3, "total"), (3, "promise"))
        ),
        Growth("istree, a repeated edge means NO", n * log(n, 2), *_squeezed(below_bell, x * log(x))),
        # Trees alone are n^(n - 2); a forest with a root in each tree is a tree on one node more: (n + 1)^(n - 1).
        Growth(
            "istree, repeated edges ignored", n * log(n, 2), *_squeezed((x - 2) * log(x), (x - 1) * log(x + 1) + log(2))
        ),
        # Without singletons on n - 1 nodes: at least bell(n - 2) / 2.
        Growth(
            "istree, promise (at least)",
            n * log(n, 2),
            *_squeezed(below_bell.subs(x, x - 2) - log(2), x * log(x)),
        ),
    )


def _polynomial(letters: int) -> _Limits:
    states = sp.prod([x + i for i in range(1, letters)]) / sp.factorial(letters - 1)
    quotient = sp.log(states) / ((letters - 1) * sp.log(x))
    return lambda: (_limit(quotient),), f"{quotient} tends to 1, x = n", None


def _key_value() -> _Limits:
    # By the binomial theorem the sum over j >= 1 is (k + 1)^K - 1.
    def limits() -> tuple[Expr, ...]:
        bases = (sp.Integer(1), sp.Integer(2))
        return tuple(_limit(sp.log((k + 1) ** x - 1) / (x * sp.log(k + 1))) for k in bases)

    return limits, "log((k + 1)**K - 1)/(K*log(k + 1)) tends to 1 for k = 1 and for k = 2", None


def _de_bruijn(letters: int, convention: str) -> _Limits:
    # In y = k^m: log2(states) = y / k log2(k!), less log2(y) under promise, and n = y + log_k(y) - 1.
    bits = x / letters * sp.log(sp.factorial(letters)) - (sp.log(x) if convention == "promise" else 0)
    length = x + sp.log(x, letters) - 1
    quotient = bits / (length * sp.log(sp.factorial(letters)) / letters)
    return lambda: (_limit(quotient),), f"{quotient} tends to 1, x = {letters}**m", None


def _de_bruijn_letters(length: int, convention: str) -> _Limits:
    # In x = k letters: n = x^m + m - 1, and x log x - x <= log(x!) <= x log x.
    bound = (x**length + length - 1) * sp.log(x**length + length - 1) / length
    less = length * sp.log(x) if convention == "promise" else 0
    ends = [x ** (length - 1) * logarithm - less for logarithm in (x * sp.log(x) - x, x * sp.log(x))]

    def limits() -> tuple[Expr, ...]:
        # By way of x^m log x: a product of limits that exist is the limit of the product, and each is found sooner.
        common = x**length * sp.log(x)
        rest = _limit(common / bound)
        return tuple(rest * _limit(sp.expand(end / common)) for end in ends)

    return (
        limits,
        f"both over {bound} tend to 1",
        f"its natural logarithm lies between {ends[0]} and {ends[1]}, x = k, since x*log(x) - x <= log(x!) <= x*log(x)",
    )
