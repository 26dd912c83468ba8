"""The tasks: instances, their reference answers, and how they are written, drawn and enumerated."""

from constructions.tasks._catalogue import RETRIEVAL_TASKS, TASKS, retrieval_task, task, task_of_text
from constructions.tasks._completion import AssociativeRecall, CGram
from constructions.tasks._counting import Counting
from constructions.tasks._index import Index
from constructions.tasks._ranking import permutations
from constructions.tasks._retrieval import NONE, SEPARATOR, START, Retrieval, RetrievalTask
from constructions.tasks._task import Task

__all__ = [
    "NONE",
    "RETRIEVAL_TASKS",
    "SEPARATOR",
    "START",
    "TASKS",
    "AssociativeRecall",
    "CGram",
    "Counting",
    "Index",
    "Retrieval",
    "RetrievalTask",
    "Task",
    "permutations",
    "retrieval_task",
    "task",
    "task_of_text",
]
