"""Commands as functions: click parses what the annotations of their parameters declare."""

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import click

_SHOWN = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _IntRange(click.IntRange):
    name = "integer"  # which messages and help call it


class _FloatRange(click.FloatRange):
    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """A number of the range; nan is none, although it is neither below nor above it."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


class Declared(NamedTuple):
    """An option, whose flag is the parameter's name unless others are given, or an argument; settings are click's."""

    kind: type[click.Parameter]
    flags: tuple[str, ...]
    settings: dict[str, Any]

    def named(self, name: str, annotation: Any, default: Any) -> click.Parameter:
        """The parameter of a function as click has it; it is required if there is no default."""
        settings = {**_typed(annotation), **self.settings}
        limits = {limit: settings.pop(limit) for limit in ("min", "max") if limit in settings}
        if limits:
            settings["type"] = (_FloatRange if settings["type"] is float else _IntRange)(**limits)
        settings |= {"required": True} if default is inspect.Parameter.empty else {"default": default}
        if self.kind is click.Argument:
            return click.Argument([name], **settings)
        return click.Option([name, *(self.flags or (f"--{name.replace('_', '-')}",))], **settings)


def option(*flags: str, **settings: Any) -> Declared:
    """An option, for ``Annotated[type, option(...)]``; ``min`` and ``max`` limit a number."""
    return Declared(click.Option, flags, settings)


def argument(**settings: Any) -> Declared:
    """What stands without a flag, for ``Annotated[type, argument(...)]``."""
    return Declared(click.Argument, (), settings)


def _typed(annotation: Any) -> dict[str, Any]:
    """What click must know of a type: bool, list[str], Literal, Path, str, int or float, or one of them or None."""
    kind = next((one for one in get_args(annotation) if one is not NoneType), None)
    if kind is None or get_origin(annotation) in (list, Literal):
        kind = annotation
    if kind is bool:
        return {"is_flag": True}
    if get_origin(kind) is list:
        return {"nargs": -1, "type": str}
    if get_origin(kind) is Literal:
        return {"type": click.Choice(get_args(kind))}
    return {"type": click.Path(path_type=Path) if kind is Path else kind}


def _parameters(function: Callable[..., Any]) -> list[click.Parameter]:
    return [
        p.annotation.__metadata__[0].named(p.name, p.annotation.__origin__, p.default)
        for p in inspect.signature(function).parameters.values()
    ]


class _Command(click.Command):
    """A function; its parameters are looked at when they are asked for, which takes longer than most commands do."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The arguments and options, in the order of the function's parameters."""
        if not self.params and self.callback:
            self.params = _parameters(self.callback)
        return super().get_params(ctx)


class Commands(click.Group):
    """Commands by name."""

    def __init__(self, function: Callable[..., None], **settings: Any) -> None:
        super().__init__(callback=function, params=_parameters(function), context_settings=_SHOWN, **settings)

    def add(self, function: Callable[..., int | None]) -> Callable[..., int | None]:
        """A function as a command of its name; it returns its exit code, or None for 0."""
        name = function.__name__.rstrip("_")
        settings = {**_SHOWN, "show_default": True}
        self.add_command(_Command(name, callback=function, help=inspect.getdoc(function), context_settings=settings))
        return function

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they were added."""
        return list(self.commands)

    def run(self, name: str, arguments: Sequence[str]) -> int:
        """The exit code of what the words of a command line ask for.

        Not by click's own ``main``, which ends with 1 where a pipe is broken.

        Raises:
            click.UsageError: if they cannot be understood.
            KeyboardInterrupt: if click was interrupted.
        """
        try:
            with self.make_context(name, list(arguments)) as context:
                return self.invoke(context) or 0
        except click.exceptions.Exit as ending:
            return ending.exit_code
        except click.Abort:
            raise KeyboardInterrupt from None
