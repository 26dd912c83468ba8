"""Turing machines: the model, file formats, the reference simulator."""

from constructions.machines._bbchallenge import read_bbchallenge, write_bbchallenge
from constructions.machines._champions import CHAMPIONS, Champion, champion
from constructions.machines._dot import write_dot
from constructions.machines._jflap import read_jflap
from constructions.machines._library import library, shipped
from constructions.machines._machine import Machine, Transition
from constructions.machines._morphett import read_morphett
from constructions.machines._quantified import Formula, formulas, sample_formula
from constructions.machines._reading import MACHINE_FORMATS, guess_machine_format, read_machine
from constructions.machines._septuple import read_septuple
from constructions.machines._simulator import (
    Configuration,
    Outcome,
    Step,
    Verdict,
    initial,
    simulate,
    steps,
)
from constructions.machines._two_states import Representative, representatives, two_state_machines
from constructions.machines._yaml import read_yaml, write_yaml

__all__ = [
    "CHAMPIONS",
    "MACHINE_FORMATS",
    "Champion",
    "Configuration",
    "Formula",
    "Machine",
    "Outcome",
    "Representative",
    "Step",
    "Transition",
    "Verdict",
    "champion",
    "formulas",
    "guess_machine_format",
    "initial",
    "library",
    "read_bbchallenge",
    "read_jflap",
    "read_machine",
    "read_morphett",
    "read_septuple",
    "read_yaml",
    "representatives",
    "sample_formula",
    "shipped",
    "simulate",
    "steps",
    "two_state_machines",
    "write_bbchallenge",
    "write_dot",
    "write_yaml",
]
