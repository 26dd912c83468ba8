"""The tasks: instances, their reference answers, and how they are written, drawn and enumerated."""

from constructions.tasks._catalogue import RETRIEVAL_TASKS, TASKS, register, retrieval_task, task, task_of_text
from constructions.tasks._completion import AssociativeRecall, CGram
from constructions.tasks._counting import Counting
from constructions.tasks._euler_tour import NO, YES, Tour, cyclic_orders, euler_tour, tour_of
from constructions.tasks._function import FunctionTask, Word
from constructions.tasks._graph import Graph, graph_of
from constructions.tasks._graph_formats import INPUT_FORMATS, inline_text, paper_text, read_each, read_graphs
from constructions.tasks._graph_networkx import graph_from_networkx
from constructions.tasks._graph_rows import Wishes
from constructions.tasks._index import Index
from constructions.tasks._istree import CLOSING, JOIN, IsTree
from constructions.tasks._ranking import permutations, words
from constructions.tasks._retrieval import NONE, SEPARATOR, Retrieval, RetrievalTask
from constructions.tasks._simulation import Simulation
from constructions.tasks._task import FAR, START, Certified, Effort, Task

__all__ = [
    "CLOSING",
    "FAR",
    "INPUT_FORMATS",
    "JOIN",
    "NO",
    "NONE",
    "RETRIEVAL_TASKS",
    "SEPARATOR",
    "START",
    "TASKS",
    "YES",
    "AssociativeRecall",
    "CGram",
    "Certified",
    "Counting",
    "Effort",
    "FunctionTask",
    "Graph",
    "Index",
    "IsTree",
    "Retrieval",
    "RetrievalTask",
    "Simulation",
    "Task",
    "Tour",
    "Wishes",
    "Word",
    "cyclic_orders",
    "euler_tour",
    "graph_from_networkx",
    "graph_of",
    "inline_text",
    "paper_text",
    "permutations",
    "read_each",
    "read_graphs",
    "register",
    "retrieval_task",
    "task",
    "task_of_text",
    "tour_of",
    "words",
]
