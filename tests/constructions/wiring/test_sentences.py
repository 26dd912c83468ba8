"""What authors say of their constructions is about something that is there."""

import pytest

from constructions import CONSTRUCTIONS
from constructions.errors import ContractError
from constructions.theorems import variants
from constructions.wiring import Blueprint, SymbolicAttention, Wiring, n


def recall(*sentences: tuple[str, ...], when: str = "") -> Blueprint:
    """A model with one head called ``found``, and these sentences: what each is about, then its parts."""
    w = Wiring("example", specials=("<s>", "?", "NONE"), numbers=(0, n), context=n + 2)
    before = w.offset("previous", 1)
    found = w.latest("found", [(before[w.token], w.token)], default=True)
    w.write(found[w.token], when=found.hit)
    w.write("NONE")
    for subject, *parts in sentences:
        w.say(subject, *parts, when=when)
    return w.finish()


def test_sentences_stay_with_the_blueprint() -> None:
    blueprint = recall(
        ("found", "Who follows {here}?", "{there}, {found.token}.", "Nobody, {=token}."), ("NONE", "Nobody.")
    )
    assert blueprint.sentences == {
        "found": ("Who follows {here}?", "{there}, {found.token}.", "Nobody, {=token}.", ""),
        "NONE": ("Nobody.",),
    }
    assert recall(("found", "a", "b", "c"), when="number, not found.is <s>").sentences["found"][3]


@pytest.mark.parametrize(
    ("sentence", "when", "said"),
    [
        (("fund", "a", "b", "c"), "", "a sentence is about 'fund'; expected one of previous, found, <s>, ?, NONE"),
        (("found", "a", "b"), "", "3 sentences about 'found'; expected 3"),
        (("NONE", "a", "b", "c"), "", "4 sentences about 'NONE'; expected 1"),
        (("found", "Who follows {tokn}?", "b", "c"), "", "names {tokn}, which is no coordinate"),
        (("found", "a", "b", "c"), "not here", "makes sense where 'not here', which is no coordinate"),
    ],
)
def test_sentences_about_nothing_are_refused(sentence: tuple[str, ...], when: str, said: str) -> None:
    with pytest.raises(ContractError) as refused:
        recall(sentence, when=when)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_every_head_and_rule_of_the_catalogue_has_its_sentence(name: str) -> None:
    for subject in variants(name):
        blueprint = subject.blueprint
        heads = [h.name for layer in blueprint.layers if isinstance(layer, SymbolicAttention) for h in layer.heads]
        rules = [f"rule {place}" for place in range(1, len(blueprint.table) + 1)]
        assert [about for about in (*heads, *rules) if about not in blueprint.sentences] == []
        assert heads or rules or "a choice" in blueprint.sentences
