"""The public atlas (项目图谱): a graph of posted projects, whose edges show what they share."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from events.fold import REMOVED, Removed
from events.projects.approval import ProjectApproved, ProjectPosted, ProjectReturned
from events.projects.contracts import ContractAwarded
from events.projects.delivery import (
    ProjectAccepted,
    ProjectChanged,
    ProjectLinked,
    ProjectTerminated,
    ProjectUnlinked,
)
from projections.read_model import ReadModel


class AtlasNode(Struct):
    """A project that has been posted: its content, implementing unit, suppliers, field and techniques."""

    project: str
    name: str = ""
    kind: str = ""
    year: int | None = None
    unit: str = ""
    system: str = ""
    field: str = ""
    techniques: list[str] = msgspec.field(default_factory=list)
    content: str = ""
    suppliers: list[str] = msgspec.field(default_factory=list)
    status: str = ""
    since: str = ""


def atlas_node(
    row: AtlasNode,
    event: ProjectPosted
    | ProjectReturned
    | ProjectApproved
    | ProjectChanged
    | ContractAwarded
    | ProjectAccepted
    | ProjectTerminated,
) -> Removed | None:
    """Show a project as last posted; it has no node until it is first posted."""
    if not row.status and not isinstance(event, ProjectPosted):
        return REMOVED
    before = row.status
    match event:
        case ProjectPosted():
            row.name, row.kind, row.year = event.name, event.kind, event.year
            row.unit, row.system, row.field = event.unit, event.system, event.field
            row.techniques, row.content = event.techniques, event.content
            row.status = "posted"
        case ContractAwarded():
            if event.supplier not in row.suppliers:
                row.suppliers.append(event.supplier)
        case _:
            row.status = status_after(event, row.status)
    if row.status != before:
        row.since = event.day
    return None


def status_after(
    event: ProjectReturned | ProjectApproved | ProjectChanged | ProjectAccepted | ProjectTerminated,
    status: str,
) -> str:
    """Return the status that the public sees after an event."""
    match event:
        case ProjectReturned():
            return "returned"
        case ProjectApproved():
            return "approved"
        case ProjectChanged():
            return "changing" if status == "approved" and event.returns_to_approval else status
        case ProjectAccepted():
            return "accepted"
        case ProjectTerminated():
            return "terminated"


class AtlasEdge(Struct):
    """An edge from a project to its unit, system or field, or to a technique, supplier, data set or site."""

    project: str
    relation: str
    target: str
    label: str | None = None
    since: str = ""


Linking = ProjectPosted | ContractAwarded | ProjectLinked
Unlinking = ProjectUnlinked | ProjectChanged


def atlas_edge(row: AtlasEdge, event: Linking | Unlinking) -> Removed | None:
    """Keep an edge until an event removes it; `since` is the day on which it was added."""
    if isinstance(event, ProjectUnlinked | ProjectChanged):
        return REMOVED
    row.since = row.since or event.day
    if isinstance(event, ContractAwarded):
        row.label = event.supplier_name
    return None


def relation_and_target(event: Linking | Unlinking) -> Iterator[tuple[str, str]]:
    """Yield the edges that an event adds or removes."""
    match event:
        case ProjectPosted():
            yield from (("unit", event.unit), ("system", event.system), ("field", event.field))
            yield from (("technique", each) for each in dict.fromkeys(event.techniques))
        case ContractAwarded():
            yield "supplier", event.supplier
        case ProjectLinked() | ProjectUnlinked():
            yield from (("dataset", each) for each in dict.fromkeys(event.datasets))
            yield from (("site", each) for each in dict.fromkeys(event.sites))
        case ProjectChanged():
            yield from (("technique", each) for each in dict.fromkeys(event.dropped_techniques))


READ_MODELS = (
    ReadModel(
        "atlas-nodes",
        "project",
        AtlasNode,
        atlas_node,
        filter=("unit", "system", "field", "kind", "year", "status"),
        sort=("name", "since"),
    ),
    ReadModel(
        "atlas-edges",
        "project",
        AtlasEdge,
        atlas_edge,
        parts=relation_and_target,
        filter=("relation", "target"),
        sort=("since",),
    ),
)
