"""Sort by counting: the numbers of the word in order; a stroke steps from each number to the next.

Seward, "Information sorting in the application of electronic digital computers", 1954. RASP (Weiss, Goldberg and
Yahav, 2021) counts smaller numbers all at once, which takes heads as wide as there are numbers.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n


def reference(word: tuple[int, ...]) -> tuple[int | str, ...]:
    """Which numbers does the word hold, in order, with a stroke between k and k + 1?"""
    written = list[int | str]()
    for k in range(1, max(word) + 1):
        written += [*[k] * word.count(k), "/"]
    return (*written[:-1], ".")


task = FunctionTask("sorting", None, reference, "<s> {word} #", far=(89,))


def build() -> Construction:
    """A number is written until it stands behind the last stroke as often as in the word."""
    w = Wiring("transformer/sorting", specials=(*task.tokens, "/", "."), numbers=(0, n), context=3 * n, answers=(".",))
    mark, step = (w.latest(name, [(w.is_token(*of), 1)], default=True) for name, of in (("mark", "#"), ("step", "#/")))
    number = w.clamp(1 + w.average("strokes", [(w.is_token("/"), 1)]).count(), 0, n, "number")
    copies = w.average("copies", [(w.token, number), (w.is_number, 1)], excluding=mark.hit).count()
    done = w.position - mark[w.position] - (number - 1)
    w.write(".", when=w.at_least(done, mark[w.position] - 1))
    w.write("/", when=w.at_least(w.position - step[w.position], copies))
    w.write(number)
    return Construction(w.name, task, w.finish(), "Heads count the copies and what is written.", longest=2 * n)
