"""Models as plain data, and how they run."""

from constructions.architectures._evaluate import Cache, Evaluator, Observer
from constructions.architectures._model import (
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
)

__all__ = [
    "Attention",
    "Cache",
    "Embedding",
    "Evaluator",
    "FeedForward",
    "Head",
    "Layer",
    "Model",
    "Observer",
    "Recurrence",
    "Unembedding",
    "family",
    "names_of",
]
