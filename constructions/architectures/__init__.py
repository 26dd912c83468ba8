"""Models as plain data, and how they run."""

from constructions.architectures._bounding import Bound, Domain, Size, Weighted
from constructions.architectures._centring import centred
from constructions.architectures._evaluate import Cache, Evaluator, Observer
from constructions.architectures._model import (
    Assumed,
    Attention,
    Embedding,
    FeedForward,
    Head,
    Layer,
    Model,
    Recurrence,
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
    "Head",
    "Layer",
    "Model",
    "Observer",
    "Recurrence",
    "Search",
    "Searcher",
    "Size",
    "Unembedding",
    "Weighted",
    "centred",
    "character",
    "family",
    "identifier_of",
    "names_of",
    "outputs_of",
    "text_of",
]
