"""All read models, by context."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from projections import audit, calendar, evaluation, identity, integrity, learning, projects, roll
from projections.read_model import ReadModel

CONTEXTS: Mapping[str, tuple[ReadModel[Any], ...]] = {
    "calendar": calendar.READ_MODELS,
    "identity": identity.READ_MODELS,
    "roll": roll.READ_MODELS,
    "evaluation": evaluation.READ_MODELS,
    "learning": learning.READ_MODELS,
    "projects": projects.READ_MODELS,
    "integrity": integrity.READ_MODELS,
    "audit": audit.READ_MODELS,
}

READ_MODELS: tuple[ReadModel[Any], ...] = tuple(each for models in CONTEXTS.values() for each in models)


@cache
def contexts() -> Mapping[ReadModel[Any], str]:
    """Return the context of every read model."""
    return {each: context for context, models in CONTEXTS.items() for each in models}
