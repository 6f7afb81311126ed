"""Erasures (个人信息删除): who requested them, what was decided, and what the law requires to be kept."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class KeptClass(Struct):
    """A retention class that is kept: the provision that requires it, and until when; null means for ever."""

    retention: str
    ground: str
    until: str | None


class Erasure(Struct):
    """The latest request to erase a person and its outcome, and how often a request was refused."""

    person: str
    status: str = "unknown"
    requested: str | None = None
    by: str | None = None
    ground: str | None = None
    refused_for: str | None = None
    refusals: int = 0
    decided: str | None = None
    kept: list[KeptClass] = field(default_factory=list)


STEPS = LifeCycle(
    Erasure,
    {
        ErasureRequested: Step("requested", day="requested"),
        ErasureRefused: Step("refused", day="decided"),
        PersonErased: Step("erased", day="decided"),
    },
)


def erasure(row: Erasure, event: ErasureRequested | ErasureRefused | PersonErased) -> None:
    """Follow requests to their outcome."""
    STEPS.follow(row, event)
    match event:
        case ErasureRequested():
            row.by, row.ground = event.by, event.ground
            row.refused_for = row.decided = None
        case ErasureRefused():
            row.refused_for = event.ground
            row.refusals += 1
        case PersonErased():
            row.kept = [KeptClass(each.retention, each.ground, each.until) for each in event.kept]


READ_MODELS = (
    ReadModel(
        "erasures",
        "person",
        Erasure,
        erasure,
        filter=("status", "by", "ground"),
        sort=("requested", "decided"),
    ),
)
