"""Parity by a linear RNN with a negative eigenvalue: is the number of b odd?

Grazzi et al., "Unlocking state-tracking in linear RNNs through negative eigenvalues", 2024: diagonal transitions
between 0 and 1, as those of Mamba are, cannot do it in finite precision; a state that b multiplies by -1 does.
"""

from constructions.tasks import FunctionTask
from constructions.theorems import Construction
from constructions.wiring import Wiring, n

task = FunctionTask("parity-at-once", "a b", lambda word: word.count("b") % 2, statement="Is the number of b odd?")


def build() -> Construction:
    """The state is (-1)^(number of b), and 1 is written where that is negative."""
    w = Wiring("rnn/parity", specials=task.tokens, numbers=(0, 1), context=n, recurrent=True)
    sign = w.state(1, {"b": -1}, name="sign")
    w.write_sign(-sign)
    return Construction(w.name, task, w.finish(), "A state of one cell changes its sign with every b.")
