"""Readers and writers: what is read, what comes back, what is refused and with which words."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.errors import InputError, ResourceError
from constructions.machines import (
    MACHINE_FORMATS,
    Machine,
    Transition,
    guess_machine_format,
    read_bbchallenge,
    read_jflap,
    read_machine,
    read_morphett,
    read_yaml,
    simulate,
    steps,
    write_bbchallenge,
    write_dot,
    write_yaml,
)

NAMES = st.text(
    st.one_of(st.characters(categories=("L", "N", "P", "S")), st.sampled_from(" ~#:'\"\\-*&!|>%@`[]{},=<?+.0189")),
    min_size=1,
    max_size=8,
).filter(str.isprintable)
WORDS = st.sampled_from(["yes", "no", "null", "~", "0", "01", "1.5", "1e3", "true", "y", "N", "L", "<<", "=", "a: b"])


@st.composite
def named_machines(draw: st.DrawFn) -> Machine:
    """Machines with names of all kinds, entries missing, symbols and states that nothing uses."""
    states = draw(st.lists(st.one_of(NAMES, WORDS), min_size=1, max_size=5, unique=True))
    symbols = draw(st.lists(st.one_of(NAMES.map(lambda t: t[0]), st.just(" ")), min_size=1, max_size=5, unique=True))
    q, k = len(states), len(symbols)
    halts = draw(st.integers(0, 2**q - 1))
    halting = frozenset(state for state in range(q) if halts >> state & 1)
    keys = [key for key in itertools.product(range(q), range(k)) if key[0] not in halting]
    entries = [Transition(*parts) for parts in itertools.product(range(k), (-1, 0, 1), range(q))]
    drawn = draw(st.binary(min_size=len(keys), max_size=len(keys)))  # of twice as many values as there are entries
    codes = [code % (2 * len(entries)) for code in drawn]
    table = {key: entries[code // 2] for key, code in zip(keys, codes, strict=True) if code % 2}
    return Machine(
        draw(st.one_of(st.just(""), NAMES)),
        tuple(states),
        tuple(symbols),
        draw(st.integers(0, k - 1)),
        draw(st.integers(0, q - 1)),
        halting,
        table,
        tuple(code % k for code in draw(st.binary(max_size=5))),
    )


@settings(max_examples=300, deadline=None)
@given(named_machines())
def test_yaml_comes_back(machine: Machine) -> None:
    text = write_yaml(machine)
    assert read_yaml(text) == machine
    assert guess_machine_format(text) == "yaml"


@st.composite
def bbchallenge_texts(draw: st.DrawFn) -> str:
    q, k = draw(st.integers(1, 26)), draw(st.integers(1, 10))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    targets = draw(st.sampled_from([letters[:q], letters[:q] + letters[-1], letters[:q] + letters[q : q + 1]]))
    drawn = iter(draw(st.binary(min_size=2 * q * k, max_size=2 * q * k)))
    pairs = [(a // 2, a % 2, b // 2, b % 2) for a, b in zip(drawn, drawn, strict=True)]
    cells = [f"{a % k}{'LR'[move]}{targets[b % len(targets)]}" if there else "---" for a, there, b, move in pairs]
    return "_".join("".join(cells[start : start + k]) for start in range(0, q * k, k))


@settings(max_examples=200, deadline=None)
@given(bbchallenge_texts())
def test_bbchallenge_comes_back(text: str) -> None:
    machine = read_bbchallenge(text)
    assert write_bbchallenge(machine) == text
    assert read_bbchallenge(write_bbchallenge(machine)) == machine
    assert read_machine(f"  {text}\n") == machine
    assert read_yaml(write_yaml(machine)) == machine


@settings(max_examples=200, deadline=None)
@given(named_machines())
def test_bbchallenge_keeps_what_a_machine_does(machine: Machine) -> None:
    machine = replace(machine, input=())
    try:
        text = write_bbchallenge(machine)
    except InputError:
        assert machine.start in machine.halting or any(entry.move == 0 for entry in machine.table.values())
        return
    here = [(step.position, step.move) for step, _ in zip(steps(machine), range(50), strict=False)]
    there = [(step.position, step.move) for step, _ in zip(steps(read_bbchallenge(text)), range(50), strict=False)]
    assert here == there
    assert simulate(machine, most=50).verdict == simulate(read_bbchallenge(text), most=50).verdict


def test_halting_letters_of_bbchallenge() -> None:
    machine = read_bbchallenge("1RZ1RH_1RA0LC")
    assert machine.states == ("A", "B", "Z", "H", "C")
    assert machine.halting == {2, 3, 4}
    assert write_bbchallenge(machine) == "1RZ1RH_1RA0LC"
    assert simulate(machine).steps == 1


def test_the_blank_and_the_start_come_first_in_bbchallenge() -> None:
    machine = Machine("m", ("b", "a"), ("x", " "), 1, 1, frozenset(), {(1, 1): Transition(0, 1, 0)})
    assert write_bbchallenge(machine) == "1RB---_------"


TURINGMACHINE_IO = """
# to the right end, then one more
input: '1011'
blank: ' '
start state: right
synonyms:
  stop: {N: done}
  mark: {write: x, L: back}
table:
  right:
    [1, 0]: R
    ' ': mark
  back:
    0: {write: 1, R}
    [1,+]:
      L: back
    x: {L}
    '*': stop
    ' ': {R: done}
  done:
  never: {}
"""


def test_the_yaml_of_turingmachine_io() -> None:
    machine = read_machine(TURINGMACHINE_IO)
    assert machine.states == ("right", "back", "done", "never")
    assert machine.symbols == (" ", "x", "1", "0", "+", "*")
    assert machine.halting == {2, 3}
    assert machine.text(machine.input) == "1011"
    right, back, done, _ = range(4)
    blank, x, one, zero, plus, star = range(6)
    assert machine.table == {
        (right, one): Transition(one, 1, right),
        (right, zero): Transition(zero, 1, right),
        (right, blank): Transition(x, -1, back),
        (back, zero): Transition(one, 1, back),
        (back, one): Transition(one, -1, back),
        (back, plus): Transition(plus, -1, back),
        (back, x): Transition(x, -1, back),
        (back, star): Transition(star, 0, done),
        (back, blank): Transition(blank, 1, done),
    }


def test_numbers_are_texts_in_yaml() -> None:
    machine = read_yaml("{blank: 0, start state: 1, input: 1101, table: {1: {0: {write: 1, R: 2}, 1: R}, 2: }}")
    assert (machine.states, machine.symbols, machine.text(machine.input)) == (("1", "2"), ("0", "1"), "1101")
    assert machine == read_machine(
        "{blank: 0, start state: 1, input: 1101, table: {1: {0: {write: 1, R: 2}, 1: R}, 2: }}"
    )


def test_a_document_of_the_site() -> None:
    machine_text = "source code: |\n  # why\n  blank: 0\n  start state: a\n  table:\n    a: {0: R}\n"
    text = f"name: to the right\n{machine_text}positions:\n  a: {{x: 1.5, y: 2}}\n"
    machine = read_machine(text)
    assert (machine.name, machine.states) == ("to the right", ("a",))
    with pytest.raises(InputError, match=r"^line 7: the instruction 'X'"):
        read_machine(text.replace("0: R", "0: X"))


MORPHETT = """; a comment
0 0 _ r 1o   ; first
0 1 _ R 1i !
0 _ _ * halt-accept

1o _ _ l 2
1o * * r *
* 1 x L *
* * * * HALT
;$INITIAL_TAPE: 01 1
"""


def test_the_format_of_morphett() -> None:
    machine = read_machine(MORPHETT)
    assert machine.states == ("0", "1o", "1i", "halt-accept", "2", "HALT")
    assert machine.symbols == ("_", "0", "1", "x")
    assert machine.halting == {3, 5}
    assert machine.text(machine.input) == "01_1"
    blank, zero, one, x = range(4)
    assert machine.table[0, zero] == Transition(blank, 1, 1)
    assert machine.table[0, one] == Transition(blank, 1, 2)  # the rule of its own goes first
    assert machine.table[0, x] == Transition(x, 0, 5)
    assert machine.table[1, one] == Transition(one, 1, 1)  # before `* 1`
    assert machine.table[4, one] == Transition(x, -1, 4)
    assert machine.table[4, zero] == Transition(zero, 0, 5)
    assert len(machine.table) == 4 * 4


def test_morphett_without_a_state_0() -> None:
    assert read_machine("go 1 1 r go\ngo _ 1 * halt").states == ("go", "halt")
    assert read_machine(";$INITIAL_TAPE:*11\n1 1 1 r 0\n0 1 1 r halt").start == 1


def test_a_state_that_is_entered_and_has_no_rule_halts() -> None:
    machine = read_machine("0 1 0 r 0\n0 _ _ * accept\n")
    assert machine.states[min(machine.halting)] == "accept"
    outcome = simulate(machine, "11")
    assert (outcome.verdict, outcome.steps, outcome.output(machine)) == ("HALTED", 3, "00")
    assert read_machine("0 1 1 r stop\n* _ 1 r stop").halting == frozenset()  # a rule for all states is one for it


def test_a_wildcard_covers_what_the_machine_runs_on() -> None:
    text = "0 * * r 0\n0 _ _ l halt\n"
    assert read_machine(text).symbols == ("_",)
    machine = read_machine(text, word="abca")
    assert machine.symbols == ("_", "a", "b", "c")
    assert simulate(machine, "abca").verdict == "HALTED"
    without = read_machine("0 a a r 0\n0 _ _ l halt\n", word="b")
    assert without.symbols == ("_", "a")
    with pytest.raises(InputError, match="'b'"):
        without.encode("b")


@pytest.mark.parametrize(
    "comment",
    [
        "; $INITIAL_TAPE 101",
        ";$INITIAL_TAPE: 101",
        ";$INITIAL_TAPE:101",
        "; the $INITIAL_TAPE :101 ",
        "0 0 0 l 0;$INITIAL_TAPE\t101",
    ],
)
def test_the_initial_tape_with_or_without_a_colon(comment: str) -> None:
    machine = read_machine(f"0 1 0 r 0\n0 _ _ l halt\n{comment}\n")
    assert machine.text(machine.input) == "101"


def test_a_longer_word_is_no_initial_tape() -> None:
    assert read_machine("0 1 0 r halt\n; $INITIAL_TAPES 101").input == ()


JFLAP = """<?xml version="1.0" encoding="UTF-8" standalone="no"?><!--Created with JFLAP 6.4.-->
<structure>
  <type>turing</type>
  <automaton>
    <block id="0" name="q0"><tag>Machine0</tag><x>79.0</x><y>164.0</y><initial/></block>
    <state id="1" name="q1"><final/></state>
    <transition><from>0</from><to>0</to><read>a</read><write>b</write><move>R</move></transition>
    <transition>
      <from>0</from><to>1</to><read/><write/><move>S</move>
    </transition>
    <Machine0/>
  </automaton>
</structure>
"""


def test_files_of_jflap() -> None:
    machine = read_machine("\n" + JFLAP)
    assert machine.states == ("q0", "q1")
    assert machine.symbols == ("□", "a", "b")
    assert machine.halting == {1}
    assert machine.table == {(0, 1): Transition(2, 1, 0), (0, 0): Transition(0, 0, 1)}
    assert simulate(machine, "aa").output(machine) == "bb"
    older = JFLAP.replace("<automaton>", "").replace("</automaton>", "").replace("turing", "TURING")
    assert read_machine(older) == machine


def test_a_transition_from_a_final_state_is_never_taken() -> None:
    """JFLAP accepts as soon as a final state is entered; its symbols are declared all the same."""
    more = "<transition><from>1</from><to>0</to><read>a</read><write>c</write><move>R</move></transition>"
    machine = read_machine(JFLAP.replace("<Machine0/>", f"{more}{more}<Machine0/>"))
    assert machine.table == read_machine(JFLAP).table
    assert machine.symbols == ("□", "a", "b", "c")
    outcome = simulate(machine, "aa")
    assert (outcome.verdict, machine.states[outcome.state]) == ("HALTED", "q1")
    with pytest.raises(InputError, match="the move 'X'"):
        read_machine(JFLAP.replace("<Machine0/>", more.replace("R<", "X<")))


BOMB = '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<structure>&b;</structure>'

SEPTUPLE = """; a machine of a course
#Q = {0,cp,end}
#S = {1}
#G = {1,_,x}
#q0 = 0
#B = _
#F = {end}
#N = 1

0 1 x r cp  ; into the word
cp 1 1 R cp
#D cp _ x * end
"""


def test_the_septuple_of_courses() -> None:
    machine = read_machine(SEPTUPLE)
    assert (machine.states, machine.symbols) == (("0", "cp", "end"), ("_", "1", "x"))
    assert machine.halting == {2}
    outcome = simulate(machine, "111")
    assert (outcome.verdict, outcome.output(machine)) == ("HALTED", "x11x")
    assert simulate(machine, "").verdict == "UNDEFINED"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1RB1LB_1LA1RZ", []),
        ("1RB1LB 1LA1RZ", []),
        ("1RB 1LB_1LA 1RZ", []),
        ("1RB 1LB _ 1LA 1RZ", []),
        ("# champions\n\n1RB1LB_1LA1RZ", []),
        ("1RB1LB_1LA1RZ halts after 6", ["line 1: 'halts after 6' behind the machine is not read"]),
        ("12: 1RB1LB 1LA1RZ", ["line 1: '12:' is read as the number of the machine"]),
    ],
)
def test_machines_out_of_lists(text: str, said: list[str]) -> None:
    told: list[str] = []
    assert read_machine(text, say=told.append) == read_bbchallenge("1RB1LB_1LA1RZ")
    assert told == said


def test_one_line_of_a_list_of_machines() -> None:
    text = "# champions\n1RB1LB_1LA1RZ\n1RB1RZ_1LB0RC_1LC1LA\n"
    assert read_machine(text, line=3).name == "1RB1RZ_1LB0RC_1LC1LA"
    for line, message in ((1, "an empty text"), (9, "line 9 is asked for, but there are 3 lines")):
        with pytest.raises(InputError, match=message):
            read_machine(text, "bbchallenge", line=line)
    with pytest.raises(InputError, match="line 2: row A is '1R'"):
        read_machine("1RB1LB_1LA1RZ\n1R", "bbchallenge", line=2)


def test_keys_that_the_site_ignores_are_left_out_and_that_is_said() -> None:
    text = "blank: 0\nstart state: a\nauthor: me\ntable: {a: {0: R}}\n"
    told: list[str] = []
    assert read_machine(text, say=told.append) == read_machine(text.replace("author: me\n", ""))
    assert [words.startswith("line 3: the key 'author' is not read; a machine has name, input") for words in told] == [
        True
    ]
    with pytest.raises(InputError, match="the key 'inputs': a machine has"):  # that would run on an empty tape
        read_machine(text.replace("author: me", "inputs: '1'"))


def test_the_same_transition_twice_is_one() -> None:
    transition = "<transition><from>0</from><to>0</to><read>a</read><write>b</write><move>R</move></transition>"
    assert read_machine(JFLAP.replace("<Machine0/>", transition)) == read_machine(JFLAP)
    assert read_machine("0 1 0 r 0\n0 1 0 R 0") == read_machine("0 1 0 r 0")


REFUSED = [
    ("septuple", SEPTUPLE.replace("#N = 1", "#N = 2"), "line 8: #N = '2' tapes, a multi-tape machine"),
    ("septuple", SEPTUPLE.replace("#B = _\n", ""), "`#B = ...` is missing"),
    ("septuple", SEPTUPLE.replace("#F = {end}", "#F = {ende}"), "line 7: #F names 'ende', which is not in #Q"),
    ("septuple", SEPTUPLE.replace("#S = {1}", "#S = {2}"), "line 3: #S names '2', which is not in #G"),
    ("septuple", SEPTUPLE.replace("#G = {1,_,x}", "#G = 1"), "line 4: '1': expected a list"),
    ("septuple", SEPTUPLE.replace("#S = {1}", "#Q = {1}"), "line 3: #Q a second time, the first is on line 2"),
    ("septuple", SEPTUPLE + "end 1 1 r 0", "line 13: a transition out of the final state 'end'"),
    ("septuple", SEPTUPLE + "0 * x r 0", "line 13: the symbol `.`: programs differ"),
    ("septuple", SEPTUPLE + "0 z x r 0", "line 13: the symbol 'z' is not in #G"),
    ("septuple", SEPTUPLE + "0 1 x r 9", "line 13: the state '9' is not in #Q"),
    ("septuple", SEPTUPLE + "0 x x up 0", "line 13: move 'up'"),
    ("septuple", SEPTUPLE + "0 1 x r", "line 13: 4 fields"),
    ("septuple", SEPTUPLE + "cp 1 x r 0", "line 13: a second entry for state 'cp'"),
    ("bbchallenge", "", "line 1: an empty text"),
    ("bbchallenge", "1RB1LB 1LA1R", "expected blanks only between rows or cells such as `1RB`"),
    ("bbchallenge", "1RB2 LB1RZ_2LA2RB1LB", "expected blanks only between rows or cells such as `1RB`"),
    ("bbchallenge", "7: 1RB1LB LA1RB", "expected the machine in one piece, with words only behind it"),
    ("bbchallenge", "1RB1LB word 1LA1RZ", "expected the machine in one piece, with words only behind it"),
    ("bbchallenge", "1RB 1LB 1LA 1RZ", "expected `_` between the rows where blanks stand between the cells"),
    (
        "bbchallenge",
        "1RB1LB_1LA1RZ\n\n1RB1LB_1LA1RZ",
        "line 3: .* after the machine on line 1, expected one machine; @FILE:3 ch",
    ),
    ("bbchallenge", "1RB1LB_1LA1R", "line 1: row B is '1LA1R': 5 characters, expected a positive multiple of 3"),
    ("bbchallenge", "1RB1LB_1LA", "line 1: row B has 1 cells, row A has 2"),
    ("bbchallenge", "1RB1LB_", "line 1: row B is ''"),
    ("bbchallenge", "\n1RB1LB_1LA1SZ", "line 2: row B, symbol 1 is '1SZ', expected such as `1RB`"),
    ("bbchallenge", "1RB1LB_1LA2RZ", "line 1: row B, symbol 1 is '2RZ': the symbol 2 is not defined"),
    ("bbchallenge", "1RB1LB_1LA1R-", "row B, symbol 1 is '1R-'"),
    ("bbchallenge", "1RB1LB_1LA1Rb", "row B, symbol 1 is '1Rb'"),
    ("bbchallenge", "1RA" * 11, "row A has 11 cells, expected at most 10"),
    ("bbchallenge", "_".join(["1RA1RA"] * 27), "27 rows"),
    ("yaml", "", "line 1: an empty text"),
    ("yaml", "a", "line 1: the machine is the word 'a', expected a mapping"),
    ("yaml", "start state: a\ntable: {a: }", "line 1: the key `blank` is missing"),
    ("yaml", "blank: 0\ntable: {a: }", "the key `start state` is missing"),
    ("yaml", "blank: 0\nstart state: a", "the key `table` is missing"),
    ("yaml", "blank: 0\nstart state: a\ntabel: {}\ntable: {a: }", "line 3: the key 'tabel': a machine has"),
    ("yaml", "blank: 0\nblank: 1\nstart state: a\ntable: {a: }", "line 2: the key 'blank' a second time"),
    ("yaml", "blank: 00x\nstart state: a\ntable: {a: }", "line 1: symbol '00x': expected one printable character"),
    ("yaml", "blank: ~\nstart state: a\ntable: {a: }", "the key `blank` is missing"),
    ("yaml", "blank: 0\nstart state: b\ntable: {a: }", "line 2: the start state 'b' is not in the table"),
    ("yaml", "blank: 0\nstart state: [a, b]\ntable: {a: }", "line 2: the start state is a list"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {R: c}}", "line 4: enters the state 'c', which is not in"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {R: a, L: a}}", "line 4: an instruction with 2 moves"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {write: 1}}", "line 4: an instruction with 0 moves"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {wrote: 1, R}}", "line 4: the key 'wrote'"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {write: 11, R}}", "line 4: symbol '11'"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: {0: {write: , R}}", "line 4: a symbol is empty"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a:\n    0: S", "line 5: the instruction 'S'"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a:\n    0: [R, L]", "line 5: a list as an instruction"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a:\n    0:", "line 5: nothing as an instruction"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a:\n    []: R", "line 5: an empty list of symbols"),
    (
        "yaml",
        "blank: 0\nstart state: a\ntable:\n  a:\n    0: R\n    [1, 0]: L",
        "line 6: a second entry for state 'a' and",
    ),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a:\n  a:", "line 5: the key 'a' a second time"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: go", "line 4: state 'a' has the word 'go'"),
    ("yaml", "blank: 0\nstart state: a\ntable:\n  a: [R]", "line 4: state 'a' has a list"),
    ("yaml", "blank: 0\nstart state: a\ntable: {}", "line 3: the table has no states"),
    ("yaml", "blank: 0\nstart state: a\ninput: 0011\ntable: {a: }", "line 3: YAML reads '0011' as a number; in quotes"),
    ("yaml", "blank: 0\nstart state: a\ninput: [0, 1]\ntable: {a: }", "line 3: the input is a list"),
    ("yaml", 'blank: 0\nstart state: a\ninput: "\\n"\ntable: {a: }', "line 3: symbol"),
    ("yaml", "blank: 0\nstart state: a\nhalting: [a]\ntable: {a: {0: R}}", "line 3: the halting state 'a'"),
    ("yaml", "blank: 0\nstart state: a\ntable: {a: {0: R}", "line 3: not YAML"),
    ("yaml", "blank: 0\n---\nblank: 1", "line 2: a second YAML document"),
    ("yaml", "blank: &x 0\nstart state: *x", r"line 2: an alias, \*x"),
    ("yaml", "blank: !!python/object:os.system 0", "line 1: the tag"),
    ("yaml", "blank: \x00", r"line 1: the character '\\x00' cannot stand in YAML"),
    ("yaml", 'blank: "\\UFFFFFFFF"', "line 1: not YAML: a number out of range"),
    ("yaml", "table: " + "[" * 40, "line 1: nested more than 16 deep"),
    ("yaml", "source code: |\n\n  \n", "line 1"),
    ("yaml", "source code: |\n  blank: 0\n", "line 2: the key `start state` is missing"),
    ("yaml", 'name: "a\\nb"\nblank: 0', "line 1: the name"),
    ("morphett", "", "line 1: no rule"),
    ("morphett", "; nothing", "line 1: no rule"),
    ("morphett", "0 1 0 r", "line 1: 4 fields, expected five"),
    (
        "morphett",
        "0 1 0 r 0\n0 0 1 0 1 r r 0",
        "line 2: 8 fields, as a multi-tape machine with 2 tapes has, expected five",
    ),
    ("morphett", "0 01 10 rl 0", "line 1: symbols '01', as a multi-tape machine with 2 tapes reads"),
    ("morphett", "0 [0,1] [1,1] [r,r] 0", r"line 1: symbols '\[0,1\]', as a multi-tape machine with 2 tapes reads"),
    (
        "morphett",
        "name: x\ninit: q\naccept: s\n\nq,a,b\ns,a,b,>,>",
        "line 5: a rule in two lines, of a multi-tape machine",
    ),
    ("morphett", "name: x\ninit: q\naccept: s\n\nq,a\ns,b,>", "line 5: a rule in two lines: expected lines such as"),
    ("morphett", "0 1 0 r 0 x", "line 1: 6 fields"),
    ("morphett", "0 11 0 r 0", "line 1: symbol '11': expected one character"),
    ("morphett", "0 1 0 up 0", "line 1: move 'up': expected l, r or"),
    (
        "morphett",
        "0 1 0 r 0\n\n0 1 1 r 0",
        "line 3: a second rule for state '0' and symbol '1', the first is on line 1",
    ),
    ("morphett", "0 * 0 r 0\n0 * 1 r 0", "line 2: a second rule"),
    ("morphett", "0 1 0 r halt\nhalt 1 1 r 0", "line 2: a rule for the halting state 'halt'"),
    ("morphett", "0 1 0 r halt\n;$INITIAL_TAPE: 1*1", "line 2: the tape marks a cell other than the first"),
    ("jflap", BOMB, "line 2: a document type definition"),
    ("jflap", '<!DOCTYPE structure SYSTEM "file:///etc/passwd"><structure/>', "line 1: a document type definition"),
    ("jflap", "", "line 1: not XML: no element found"),
    ("jflap", "\n\n<structure>\n<type>", "line 4: not XML"),
    ("jflap", "<a/>", "line 1: the element 'a', expected `structure`"),
    ("jflap", "<structure/>", "line 1: 0 elements `type` in `structure`"),
    ("jflap", "<structure><a>" * 20, "line 1: nested more than 16 deep"),
    ("jflap", "<structure>\ud800</structure>", "line 1: .* is no character"),
    ("jflap", JFLAP.replace("turing", "fa"), "line 3: the type 'fa', expected `turing`"),
    ("jflap", JFLAP.replace("<automaton>", "<tapes>2</tapes><automaton>"), "line 4: '2' tapes, a multi-tape machine"),
    ("jflap", JFLAP.replace("<read>", '<read tape="2">'), "line 7: tape '2' of a multi-tape machine"),
    ("jflap", JFLAP.replace("<initial/>", ""), "line 4: 0 initial states, expected one"),
    ("jflap", JFLAP.replace("<final/>", "<initial/>"), "line 6: 2 initial states, expected one"),
    ("jflap", JFLAP.replace("<to>1</to>", "<to>7</to>"), "line 9: the state with the id '7' is not defined"),
    ("jflap", JFLAP.replace("<to>1</to>", ""), "line 8: 0 elements `to` in `transition`"),
    ("jflap", JFLAP.replace("<read>a</read>", "<read/>"), "line 8: a second entry for state 'q0' .* on line 7"),
    ("jflap", JFLAP.replace("<read>a</read>", "<read>!a</read>"), "line 7: the symbol '!a' is an abbreviation"),
    ("jflap", JFLAP.replace("<read>a</read>", "<read>~</read>"), "line 7: the symbol '~' is an abbreviation"),
    ("jflap", JFLAP.replace("<read>a</read>", "<read>aa</read>"), "line 7: the symbol 'aa', expected one character"),
    ("jflap", JFLAP.replace("<move>S", "<move>X"), "line 9: the move 'X'"),
    ("jflap", JFLAP.replace('id="1"', 'id="0"'), "line 6: a state with the id '0'"),
    ("jflap", JFLAP.replace('"q1"', '"q0"'), "line 6: a second state 'q0'"),
    ("jflap", JFLAP.replace("<Machine0/>", "<Machine0><block/></Machine0>"), "line 5: the building block 'Machine0'"),
]


@pytest.mark.parametrize(("kind", "text", "message"), REFUSED)
def test_what_is_refused(kind: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(").replace(")", r"\)")) as caught:
        read_machine(text, kind)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "bbchallenge"),
        ("1RB", "bbchallenge"),
        ("1RB1LB 1LA1RZ", "bbchallenge"),
        ("------_------", "bbchallenge"),
        ("---\nblank: 0\ntable: {}", "yaml"),
        (TURINGMACHINE_IO, "yaml"),
        ("{'blank': 0}", "yaml"),
        (MORPHETT, "morphett"),
        ("0 1 1 r halt", "morphett"),
        ("A 0 ; 1", "morphett"),
        (JFLAP, "jflap"),
        (SEPTUPLE, "septuple"),
        ("7. 1RB1LB 1LA1RZ halts", "bbchallenge"),
        ("# a list\n1RB1LB_1LA1RZ\n", "bbchallenge"),
    ],
)
def test_the_format_is_guessed(text: str, kind: str) -> None:
    assert guess_machine_format(text) == kind


SEEDS = {
    "bbchallenge": "1RB1LB_1LA1RZ",
    "yaml": TURINGMACHINE_IO,
    "morphett": MORPHETT,
    "jflap": JFLAP,
    "septuple": SEPTUPLE,
}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_texts_never_cause_anything_but_an_input_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(MACHINE_FORMATS))
    text = SEEDS[kind]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = start + data.draw(st.integers(0, 6))
        text = text[:start] + data.draw(st.text(max_size=3)) + text[stop:]
    for chosen in (kind, None):
        message = ""
        try:
            read_machine(text, chosen)
        except InputError as error:
            message = str(error)
        assert "\n" not in message


def test_long_texts_and_unknown_formats_are_refused() -> None:
    with pytest.raises(ResourceError, match="at most 1048576 are read"):
        read_machine("1" * (2**20 + 1))
    with pytest.raises(InputError, match="no machine format is called 'xml'; there are bbchallenge, yaml"):
        read_machine("1RB", "xml")
    many = "".join(f"{i} {chr(0x4E00 + i)} 1 r {i}\n" for i in range(3000))
    with pytest.raises(ResourceError, match="3000 states and 3002 symbols"):
        read_morphett(many)


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (Machine("m", ("a",), ("0", "1"), 0, 0, frozenset(), {}, (1,)), "no place for an input"),
        (Machine("m", ("a",), ("0",), 0, 0, frozenset({0}), {}), "expected a start that is not halting"),
        (Machine("m", ("a",), tuple("0123456789x"), 0, 0, frozenset(), {}), "the machine has 11"),
        (Machine("m", tuple(f"q{i}" for i in range(27)), ("0",), 0, 0, frozenset(), {}), "the machine has 27"),
        (Machine("m", ("a",), ("0",), 0, 0, frozenset(), {(0, 0): Transition(0, 0, 0)}), "state 'a', symbol '0' stays"),
    ],
)
def test_what_bbchallenge_cannot_say(machine: Machine, message: str) -> None:
    with pytest.raises(InputError, match=message):
        write_bbchallenge(machine)


def test_dot_quotes_names() -> None:
    machine = Machine(
        "m",
        ('a"b', "c\\N"),
        (" ", '"'),
        0,
        0,
        frozenset({1}),
        {(0, 0): Transition(1, 0, 1), (0, 1): Transition(1, 1, 1)},
    )
    text = write_dot(machine)
    assert '0 [label="a\\"b"];' in text
    assert '1 [label="c\\\\N", shape=doublecircle];' in text
    assert '0 -> 1 [label="␣ → \\", N\\n\\" → R"];' in text


def test_readers_by_name_are_the_ones_that_are_guessed() -> None:
    assert read_jflap(JFLAP) == read_machine(JFLAP)
    assert read_morphett(MORPHETT) == read_machine(MORPHETT, "morphett")
