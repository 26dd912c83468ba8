"""``bound`` and ``certify``: how many states any machine needs, and a certificate of it."""

import re
import sys
from fractions import Fraction
from math import log2
from pathlib import Path

from constructions.errors import InputError, ResourceError, counted
from proofs_check._commands._shared import print_json, refuse
from proofs_check.lower_bounds import (
    KINDS,
    Count,
    Scope,
    closed_form,
    count,
    count_rows,
    least_states_by_balls,
    scope_of,
)

_LONGEST_WITH_ERROR = 500

_LONG = 100_000
"""Bits from which on FLINT writes the digits."""

_LONGEST_NUMBER = 60
"""Numbers with more digits are abbreviated, except in JSON."""


def scope_of_options(
    task: str,
    n: int,
    alphabet: int | None,
    convention: str,
    c: int | None,
    family: str | None,
    keys: int | None,
    repeats: str | None,
) -> Scope:
    """What the options of the command line ask about."""
    if not KINDS.get(task, Scope).has_c:
        refuse(f"is for c-gram, not for {task}", c=c)
    return scope_of(task, n, alphabet, convention, c=c, family=family, keys=keys, repeats=repeats)


def least_states(scope: Scope) -> Count:
    """The least number of states: by formula where one is known, else by brute force.

    Raises:
        ResourceError: if there is no formula, and brute force would take too long.
    """
    found = closed_form(scope)
    if found is not None:
        return found
    try:
        brute = count(scope)
    except ResourceError as error:
        raise ResourceError(f"no formula is known for this case, and by brute force: {error}") from error
    return Count(brute.lower, brute.lower == brute.upper, f"brute force: {brute.how}")


def error_of_index(scope: Scope, text: str) -> Fraction:
    """The value of the option ``--error`` as a fraction.

    Raises:
        InputError: if the error is not a fraction from 0 to 1, or the task another one.
    """
    if not scope.may_err:
        known = " and ".join(name for name, kind in KINDS.items() if kind.may_err)
        raise InputError(f"--error {text}: bounds for machines that err are known for {known}, not for {scope.task}")
    match = re.fullmatch(r"([0-9]{1,9})(?:/([0-9]{1,9}))?", text)
    if not match or int(match[2] or 1) == 0 or int(match[1]) > int(match[2] or 1):
        raise InputError(f"--error {text}: expected a fraction from 0 to 1, such as 1/8")
    if scope.n > _LONGEST_WITH_ERROR:
        raise ResourceError(f"--error: ball filling is computed for n up to {_LONGEST_WITH_ERROR:,}, not {scope.n:,}")
    return Fraction(int(match[1]), int(match[2] or 1))


def least_states_with_error(scope: Scope, text: str) -> Count:
    """The number of states that ball filling requires of a machine for Index that may err."""
    states = least_states_by_balls(scope.n, scope.alphabet, error_of_index(scope, text))
    return Count(states, False, "ball filling")


Asked = tuple[str | None, int, int | None, str, int | None, str | None, int | None, str | None]
"""The arguments of :func:`scope_of_options`, where the task may be missing."""


def asked_scope(asked: Asked, option: str = "") -> Scope:
    """What the options ask about; InputError if they name no task, by ``option`` or as an argument."""
    if asked[0] is None:
        raise InputError(f"name a task ({option}see list), or give --construction FILE.py:FACTORY")
    return scope_of_options(asked[0], *asked[1:])


def refuse_beside_construction(asked: Asked, **others: object) -> None:
    """Refuse what says of a task what a construction of the user's own brings with it."""
    task, _, _, convention, c, family, keys, _ = asked
    if convention != "total":
        others["convention"] = convention
    refuse("has no place beside --construction", task=task, c=c, prefixes=family, keys=keys, **others)


def bound(asked: Asked, error: str | None, by_solver: bool, user_file: str | None, json: bool) -> int:
    """Print the count."""
    task, n, alphabet, convention, *meant = asked
    if user_file is not None:
        beside = [given for given in (task, *meant, error) if given is not None]
        if beside or by_solver or convention != "total":
            raise InputError("--construction brings its own task; of the other options only --n and --alphabet count")
        return _bound_own(user_file, n, alphabet, json)
    scope = asked_scope(asked)
    if by_solver and error is not None:
        raise InputError("--by-solver is about machines that are always right; leave out --error")
    if by_solver:
        from proofs_check.lower_bounds import least_by_solver

        found = Count(least_by_solver(scope), True, "by a SAT solver: a machine, and none with one state fewer")
    else:
        found = least_states(scope) if error is None else least_states_with_error(scope, error)
    # Python refuses to print integers of more than 4300 digits unless told otherwise; these are exact.
    sys.set_int_max_str_digits(0)
    if json:
        print_json(
            {
                "task": scope.task,
                "n": scope.n,
                "alphabet": scope.alphabet,
                "convention": scope.convention,
                "prefixes": scope.family,
                **({} if scope.c is None else {"c": scope.c}),
                **({} if scope.keys is None else {"keys": scope.keys}),
                **({} if scope.repeats is None else {"repeats": scope.repeats}),
                **({} if error is None else {"error": error}),
                "states": found.states,
                "bits": found.bits,
                "exact": found.exact,
                "formula": found.formula,
            }
        )
        return 0
    at_least = "" if found.exact else "at least "
    print(scope if error is None else f"{scope}, wrong with probability at most {error}")
    print(f"states   {at_least}{_abbreviated(found.states)}")
    print(f"bits     {at_least}{bits_of(found.states)}")
    print(f"formula  {found.formula}{_symbols(found.formula, scope)}")
    if scope.c is not None and scope.convention == "total":
        print("paper    there every query of c-gram is defined: its count is that of --convention promise")
    return 0


def _symbols(formula: str, scope: Scope) -> str:
    """What the symbols of a formula are that the line above it does not name.

    >>> _symbols("factorial(n - m)", scope_of("c-gram", 8, None, "promise", c=3))
    ', where m = 2, the tokens of a query'
    """
    known = {"m": f"m = {scope.query_length}, the tokens of a query"}
    known |= {
        "bell": "bell(n) is the number of partitions of n points",
        "forests": "forests(n) counts those on n nodes",
    }
    used = [words for symbol, words in known.items() if re.search(rf"\b{symbol}\b", formula)]
    return f", where {', and '.join(used)}" if used else ""


def _long_digits(number: int) -> str:
    """The decimal digits; Python takes time quadratic in their number, FLINT hardly more than linear."""
    import flint

    return flint.fmpz(number).str()


def _abbreviated(number: int) -> str:
    digits = str(number) if number.bit_length() < _LONG else _long_digits(number)
    if len(digits) <= _LONGEST_NUMBER:
        return digits
    return f"{digits[:20]}...{digits[-20:]} ({len(digits):,} digits; --json prints all)"


def bits_of(states: int) -> str:
    """How many bits so many states take, and why where it is no power of 2.

    >>> bits_of(8), bits_of(6)
    ('3', '3 (log2 of the states is 2.58, rounded up)')
    """
    bits = (states - 1).bit_length()
    return str(bits) if states == 1 << bits else f"{bits} (log2 of the states is {log2(states):.2f}, rounded up)"


def _bound_own(user_file: str, n: int, alphabet: int | None, json: bool) -> int:
    """Print the count for the task of a construction of the user's own."""
    from constructions.theorems import user_construction, users_code

    task = user_construction(user_file).task
    with users_code(user_file):
        found = count_rows(task, n, alphabet)
    if json:
        own = {"task": task.name, "n": n, "alphabet": alphabet, "states": found.states, "bits": found.bits}
        print_json({**own, "exact": found.exact, "formula": found.formula})
        return 0
    print(f"{task.name}, n = {n}")
    print(f"states   {'' if found.exact else 'at least '}{found.states:,}")
    print(f"bits     {bits_of(found.states)}")
    print(f"by       {found.formula}")
    return 0


def _certify_own(user_file: str, n: int, alphabet: int | None, out: Path, json: bool) -> int:
    """Write what the kernel can check of a construction of the user's own.

    All inputs of size n, where the kernel has a reference for the task; else the inequalities of its contracts, for
    all n.
    """
    from constructions.theorems import user_construction, users_code
    from proofs_check.certificates import certify_exhaustive, contracts, save
    from proofs_check.evidence import kernel_knows

    construction = user_construction(user_file)
    with users_code(user_file):
        if kernel_knows(construction):
            certificate = certify_exhaustive(construction, n, alphabet)
            words = f"what {construction.name} writes on all inputs with n = {n}"
        else:
            certificate = contracts(construction.blueprint)
            words = (
                f"the inequalities of {construction.name}'s contracts, for all n; the kernel has no reference for the "
                f"task {construction.task.name}, so it checks no answers"
            )
        save(certificate, out)
    if json:
        print_json({"file": str(out), "kind": certificate["kind"], "construction": construction.name})
    else:
        print(f"{out}: {words}; retrieval-gap check verifies it")
    return 0


def certify(asked: Asked, out: Path, by_solver: bool, user_file: str | None, json: bool) -> int:
    """Write a fooling set, an exact count, or a solver's proof; or what the kernel can check of a construction."""
    if user_file is not None:
        refuse_beside_construction(asked, by_solver=by_solver)
        return _certify_own(user_file, asked[1], asked[2], out, json)
    from proofs_check.certificates import save
    from proofs_check.lower_bounds import count_certificate, fooling_certificate, no_machine_certificate

    scope = asked_scope(asked)
    if by_solver:
        certificate = no_machine_certificate(scope)
        states = certificate["too_few"] + 1
        shown = {"states": states, "bits": (states - 1).bit_length()}
        steps = counted(len(certificate["proof"]), "step")
        words = f"a proof that no machine has {counted(states - 1, 'state')}, in {steps}"
    else:
        certificate = count_certificate(scope) if scope.listed_exactly else fooling_certificate(scope)
        shown = {key: certificate[key] for key in ("states", "bits")}
        words = f"{shown['states']:,} prefixes of which no two can share a state, {counted(shown['bits'], 'bit')}"
        if scope.listed_exactly:
            states = counted(shown["states"], "state")
            after = counted(certificate["prefixes"], "prefix", "prefixes")
            words = f"exactly {states}, {counted(shown['bits'], 'bit')}, after {after}"
    save(certificate, out)
    if json:
        question = {key: certificate[key] for key in ("task", "n", "alphabet", "convention")}
        print_json({"file": str(out), "kind": certificate["kind"], **question, **shown})
    else:
        print(f"{out}: {words}; retrieval-gap check verifies it")
    return 0
