"""Reading a model from a file of any of our formats, by its suffix."""

from pathlib import Path

from constructions.architectures import Model
from constructions.errors import InputError, RetrievalGapError
from constructions.interchange._npz import model_from_npz
from constructions.interchange._onnx import model_from_onnx
from constructions.interchange._reading import read_file
from constructions.interchange._safetensors import model_from_safetensors

SUFFIXES = (".npz", ".safetensors", ".onnx")


def side_car_of(path: str | Path) -> Path:
    """Where the JSON file beside tensors lies: the same name with ``.json`` after it.

    >>> side_car_of("model.safetensors").name
    'model.safetensors.json'
    """
    return Path(f"{path}.json")


def load_model(path: str | Path) -> Model:
    """The model in a file that was exported here: ``.npz``, ``.safetensors`` with its side-car, or ``.onnx``.

    Raises:
        InputError: naming the file, if it cannot be read or is anything else.
        ModelError: if its matrices do not fit together.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path} has none of the suffixes {', '.join(SUFFIXES)}")
    data = read_file(path)
    beside = read_file(side_car_of(path)) if suffix == ".safetensors" else b""
    try:
        if suffix == ".npz":
            return model_from_npz(data)
        return model_from_onnx(data) if suffix == ".onnx" else model_from_safetensors(data, beside)
    except RetrievalGapError as error:
        raise type(error)(f"{path}: {error}") from error
