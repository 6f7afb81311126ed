"""The read models that a command names."""

from __future__ import annotations

from typing import Any

from adapters.cli.terminal import fail
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel


def model_named(name: str) -> ReadModel[Any]:
    """Return the read model of a name; fail if there is none, and list those that there are."""
    for each in READ_MODELS:
        if each.name == name:
            return each
    known = ", ".join(sorted(each.name for each in READ_MODELS))
    raise fail(f"there is no read model {name}: the read models are {known}", 2)


def models_named(named: list[str] | None) -> list[ReadModel[Any]]:
    """Return the read models of these names, or all of them if no name is given."""
    return [model_named(each) for each in named] if named else list(READ_MODELS)
