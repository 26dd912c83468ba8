"""Models as plain data, and how they run."""

from constructions.architectures._bounding import Bound, Domain, Size, Weighted
from constructions.architectures._cells import GRU, LSTM, GatedCell, hard_sigmoid, hard_tanh
from constructions.architectures._centring import centred
from constructions.architectures._evaluate import Cache, Evaluator, Observer
from constructions.architectures._growth import groups_of, largest_states, moves_of, norm_of, possible
from constructions.architectures._model import (
    Assumed,
    Attention,
    Embedding,
    FeedForward,
    Head,
    Layer,
    Model,
    Recurrence,
    Selective,
    Unembedding,
    family,
    names_of,
    outputs_of,
)
from constructions.architectures._search import (
    MOST_CHARACTERS,
    Answer,
    Search,
    Searcher,
    character,
    identifier_of,
    text_of,
)

__all__ = [
    "GRU",
    "LSTM",
    "MOST_CHARACTERS",
    "Answer",
    "Assumed",
    "Attention",
    "Bound",
    "Cache",
    "Domain",
    "Embedding",
    "Evaluator",
    "FeedForward",
    "GatedCell",
    "Head",
    "Layer",
    "Model",
    "Observer",
    "Recurrence",
    "Search",
    "Searcher",
    "Selective",
    "Size",
    "Unembedding",
    "Weighted",
    "centred",
    "character",
    "family",
    "groups_of",
    "hard_sigmoid",
    "hard_tanh",
    "identifier_of",
    "largest_states",
    "moves_of",
    "names_of",
    "norm_of",
    "outputs_of",
    "possible",
    "text_of",
]
