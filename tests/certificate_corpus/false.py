"""Certificates that must not be verified, each for one reason."""

import copy
import functools
import json
from pathlib import Path

from constructions.architectures import Embedding, Model, Unembedding
from constructions.numerics import Matrix
from constructions.vocabulary import Vocabulary
from proofs_check.certificates import Prompt, Question, TranscriptDigest, exhaustive, fooling_set
from tests.certificate_corpus.families import Json
from tests.certificate_corpus.good import good, more


@functools.cache
def false() -> dict[str, Json]:
    """Certificates that must not be verified, each for one reason."""
    merged = [(1, 2, 1), (2, 1, 1)]
    nearly = copy.deepcopy(good()["istree model"])
    nearly["model"]["answers"] = ["NO"]
    searching = copy.deepcopy(good()["recall model"])
    searching["model"]["search"] = []
    counting = "counting model, searching"
    deaf, literal, renamed, unsearched = (copy.deepcopy(more()[counting]) for _ in range(4))
    deaf["model"]["search"]["failed"] = "<search>"
    literal["model"]["search"]["fragments"][0][1] = "\\A(?:[`?`"
    renamed["model"]["search"]["opening"] = "?"
    unsearched["model"]["search"] = None
    early = copy.deepcopy(more()["recall model, searching"])
    early["model"]["search"]["fragments"][0][1] = "\\A[^`?`]*?"
    cut = {**more()[counting], "longest_output": more()[counting]["longest_output"] - 1}
    hybrid = copy.deepcopy(good()["linear RNN"])
    hybrid["model"]["architecture"] = "hybrid"
    shuffled = copy.deepcopy(good()["linear RNN"])
    shuffled["model"]["layers"][0]["transition"]["entries"].reverse()
    swept = [copy.deepcopy(good()["index model, sweep"]) for _ in range(6)]
    for certificate, changed in zip(swept, _wrong_covers(swept[0]["shards"]), strict=True):
        certificate["shards"] = changed
    gap, overlap, early_end, beyond, last_digest, none = swept
    unproved = copy.deepcopy(good()["contracts"])
    unproved["contracts"][0]["inequalities"] = [{"statement": "n >= 2", "polynomial": [[1, {"n": 1}], [-2, {}]]}]
    above = copy.deepcopy(good()["contracts"])
    above["contracts"][0]["inequalities"] = [{"statement": "S <= 0", "polynomial": [[-1, {"S": 1}]]}]
    return {
        "same counts": fooling_set(Question("counting", 3, 2), merged, 2),
        "same counts, promise": fooling_set(Question("counting", 3, 2, "promise"), merged, 2),
        "not neighbours": fooling_set(Question("counting", 3, 2), [merged[0], (1, 1, 1), merged[1]], 3),
        "not neighbours, promise": fooling_set(
            Question("counting", 3, 2, "promise"), [merged[0], (1, 1, 1), merged[1]], 3
        ),
        "rotations that are not neighbours, promise": fooling_set(
            Question("associative-recall", 3, 3, "promise"), [(1, 2, 3), (1, 3, 2), (2, 3, 1)], 3
        ),
        "all rotations, promise": fooling_set(Question("associative-recall", 3, 3, "promise"), "permutations", 6),
        "same trees": fooling_set(Question("istree", 3, 3), [(1, 2, 2, 3), (1, 2, 1, 3)], 2),
        "a letter too many": fooling_set(Question("index", 1, 2), [(1,), (3,)], 2),
        "a word too short": fooling_set(Question("associative-recall", 3, 2), [(1, 2), (2, 1)], 2),
        "words too long": fooling_set(Question("associative-recall", 3, 2), [(1, 1, 2, 1), (2, 1, 1, 1)], 2),
        "one state too many": {**good()["index"], "states": 9, "bits": 4},
        "one bit too many": {**good()["index"], "bits": 4},
        "one input too many": {**good()["recall model"], "inputs": 17},
        "one token too many": {**good()["recall model"], "longest_output": 2},
        "another digest": {**good()["recall model"], "digest": "0" * 64},
        "an answer without its tour": _constant_tree(),
        "another convention": {**good()["recall model"], "convention": "promise"},
        "another version": {**good()["index"], "version": 3},
        "a task of a later version": {**good()["disjointness"], "version": 1},
        "a kind of a later version": {**good()["counting, counted"], "version": 1},
        **_false_counts(),
        "version true": {**good()["index"], "version": True},
        "a key too many": {**good()["index"], "comment": "true"},
        "cut off at the answer": nearly,
        "a search": searching,
        "a failure that opens a search": deaf,
        "a class that is not negated": literal,
        "another opening": renamed,
        "without its search language": unsearched,
        "the first occurrence instead of the latest": early,
        "a search that is cut off": cut,
        "another architecture": hybrid,
        "entries out of order": shuffled,
        "a gap between shards": gap,
        "an overlap of shards": overlap,
        "shards that end early": early_end,
        "a shard beyond the end": beyond,
        "another digest of the last shard": last_digest,
        "no shards": none,
        "a sweep with a token too many": {**good()["index model, sweep"], "longest_output": 2},
        "false at n = 1": unproved,
        "a scale above its bound": above,
        **_false_of_other_kinds(),
    }


def _false_counts() -> dict[str, Json]:
    """Rows changed, dropped and doubled, counts off by one, and continuations that tell nothing apart."""
    equality, listed, brackets = (
        good()[name] for name in ("equality, counted", "equality, listed", "brackets, counted")
    )
    nearest, recall = good()["nearest, listed"], good()["recall, counted"]
    first, second, third = listed["prefixes"]
    stacks = fooling_set(Question("bounded-dyck", 2, 4), [(1, 2), (3, 4)], 2)
    hidden = [(1, 1, 1, 1, 1, 2), (1, 1, 2, 1, 1, 2)]  # the later point at the same place is the one that counts
    return {
        "a count too large": {**equality, "states": 5, "bits": 3},
        "a count too small": {**equality, "states": 3},
        "a count of prefixes too large": {**equality, "prefixes": 5},
        "a bit too many of a count": {**equality, "bits": 3},
        "a state for each word of brackets": {**brackets, "states": 16, "bits": 4},
        "one stack less": {**brackets, "states": 5},
        "the count of another n": {**brackets, "n": 3, "prefixes": 64},
        "a family of representatives": {**good()["counting, counted"], "family": "multisets", "prefixes": 4},
        "a family of another task": {**equality, "family": "row"},
        "a count where queries are undefined": {**recall, "convention": "promise"},
        "a row dropped": {**listed, "prefixes": [first, second]},
        "a row doubled": {**listed, "prefixes": [first, second, third, first], "states": 4},
        "a row changed into another": {**listed, "prefixes": [first, second, second]},
        "a row too long": {**listed, "prefixes": [first, second, [*third, 1]]},
        "a promise about equality": {**listed, "convention": "promise"},
        "equality over three letters": {**listed, "alphabet": 3},
        "the same stack": stacks,
        "a point that hides another": fooling_set(Question("nearest-neighbour", 2, 2), hidden, 2),
        "a point beyond the grid": {**nearest, "prefixes": [[3, 1, 1, 2, 2, 2], *nearest["prefixes"][1:]]},
        "a label too large": {**nearest, "prefixes": [[1, 1, 3, 2, 2, 2], *nearest["prefixes"][1:]]},
        "half a point": {**nearest, "prefixes": [[1, 1, 1, 2, 2], *nearest["prefixes"][1:]]},
        "mqar that differs in what is overwritten": fooling_set(
            Question("mqar", 5, 2), [(1, 1, 2, 1, 2), (1, 2, 1, 1, 2)], 2
        ),
        "a promise about mqar": {**good()["no machine, mqar"], "convention": "promise"},
        "brackets that are too deep": fooling_set(Question("bounded-dyck", 3, 4), [(1, 1, 1), (2, 2, 2)], 2),
    }


def _wrong_covers(shards: list[Json]) -> list[list[Json]]:
    """A gap, an overlap, an end too early, one too late, a wrong digest at the end, no shard at all."""
    first, second, third = shards
    return [
        [first, {**second, "first": second["first"] + 1}, third],
        [first, {**second, "first": second["first"] - 1}, third],
        [first, second],
        [*shards, {**third, "first": third["first"] + third["count"]}],
        [first, second, {**third, "digest": second["digest"]}],
        [],
    ]


def _constant_tree() -> Json:
    """A model that always writes YES, right on two nodes, and said to walk the tour."""
    flag = Matrix.from_entries((1, 4), {(0, j): 1 for j in range(4)})
    polynomial = Matrix.from_entries((1, 3), {(0, 0): 1})
    embedding = Embedding(polynomial, flag, Matrix.from_entries((1, 2), {}))
    unembedding = Unembedding(Matrix.from_entries((3, 1), {}), Matrix.from_entries((4, 1), {(3, 0): 1}))
    model = Model("yes", Vocabulary(("<s>", "~", ">", "YES"), 1, 2), ("one",), embedding, (), unembedding)
    digest = TranscriptDigest()
    digest.add(["<s>", "1", "~", "2", ">"], ["YES"])
    question, prompt = Question("istree", 2, 2, "promise"), Prompt("<s>", ">", "~")
    return exhaustive(question, model, digest, prompt=prompt, family="edge-lists", transcript="euler-tour")


def _nothing() -> Json:
    """No coordinates: all logits are 0, so NONE is written, which is right after words of one letter."""
    certificate = copy.deepcopy(good()["silent model"])
    model = certificate["model"]
    model["coordinates"] = []
    for table in ("embedding", "unembedding"):
        for key, matrix in model[table].items():
            height, width = matrix["shape"]
            model[table][key] = {"shape": [0, width] if table == "embedding" else [height, 0], "entries": []}
    return certificate


def _false_of_other_kinds() -> dict[str, Json]:
    """False certificates of the kinds that are about a softmax and machines."""
    softmax, machine = good()["index model, softmax"], good()["no machine"]
    head = softmax["heads"][0]
    sampled = good()["recall model, sampled"]
    # The first head puts a gap of a million between its keys, and what it reads is thrown away; the second has the gap
    # that matters. Looked up by their name alone, they lend each other their keys.
    twins = json.loads((Path(__file__).parent / "two_heads_of_one_name.json").read_text())
    small = copy.deepcopy(good()["contracts"])
    small |= {"variables": {}, "scales": {}, "contracts": [small["contracts"][0]]}
    small["contracts"][0]["inequalities"] = [{"statement": "1 >= 0", "polynomial": [[1, {}]]}]
    return {
        "two heads of one name": twins,
        "contracts without sizes": small,
        "a model without coordinates": _nothing(),
        "another sample": {**sampled, "seed": sampled["seed"] + 1},
        "a larger gap": {**softmax, "heads": [{**head, "gap": 2}]},
        "a smaller leak": {**softmax, "heads": [{**head, "leak": 0}]},
        "a larger margin": {**softmax, "margin": 1},
        "a warmer softmax": {**softmax, "inverse_temperature": 1},
        "no machine with three states": {**machine, "too_few": 3},
        "a proof that ends early": {**machine, "proof": []},
        "one prefix twice": {**machine, "prefixes": [[1], [2], [2]]},
    }
