"""A task of one's own, in words, and a network for it.

retrieval-gap run    --construction docs/examples/next_word.py:next_word "the cat sat on the ? the"
retrieval-gap verify --construction docs/examples/next_word.py:next_word
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask(
    "next-word",
    "the a cat dog sat",
    lambda words, asked: dict(zip(words, words[1:])).get(asked, "NONE"),
    query=1,
    statement="Which word came after this one, most recently?",
)


def next_word():
    w = Wiring("transformer/next-word", specials=(*task.tokens, "NONE"), numbers=(0, 0), context=n + 2)
    number = {word: place for place, word in enumerate(task.own, 1)}
    word = w.listed("word", number)
    previous = w.offset("previous", 1)
    found = w.latest("found", [(previous[word], word)], excluding=w.is_token("?"), default=True)
    w.write_choice({word: (place,) for word, place in number.items()}, [found[word]], when=found.hit)
    w.write("NONE")
    return Construction(w.name, task, w.finish(), "A head that reads the word before, one that finds the asked one.")
