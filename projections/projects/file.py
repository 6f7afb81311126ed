"""The complete file of each project, for those who govern it, and objections that await an answer."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from events.event import Event
from events.fold import REMOVED, Removed
from events.projects.approval import (
    NonClassificationConfirmed,
    ObjectionAnswered,
    ObjectionRaised,
    ProjectApproved,
    ProjectFiled,
    ProjectPosted,
    ProjectResubmitted,
    ProjectReturned,
    ProjectReviewed,
)
from events.projects.delivery import MilestoneReached, ProjectAccepted, ProjectChanged, ProjectTerminated
from projections.read_model import ReadModel

STAGES: dict[type[Event], str] = {
    NonClassificationConfirmed: "confirmed",
    ProjectPosted: "posted",
    ProjectReturned: "returned",
    ProjectResubmitted: "filed",
    ProjectAccepted: "accepted",
    ProjectTerminated: "terminated",
}


class ProjectFile(Struct):
    """The complete file of a project, network and security details included; not for the public."""

    project: str
    stage: str = "unknown"
    since: str = ""
    unit: str = ""
    system: str = ""
    name: str = ""
    kind: str = ""
    tier: str = ""
    year: int | None = None
    field: str = ""
    techniques: list[str] = msgspec.field(default_factory=list)
    content: str = ""
    requested: int = 0
    budget: int = 0
    completion: str = ""
    filed: str = ""
    notice_until: str | None = None
    proposal_passed: bool | None = None
    result_passed: bool | None = None
    milestone: str | None = None
    network_detail: str = ""
    security_detail: str = ""


def project_file(
    row: ProjectFile,
    event: ProjectFiled
    | NonClassificationConfirmed
    | ProjectReviewed
    | ProjectPosted
    | ProjectReturned
    | ProjectResubmitted
    | ProjectApproved
    | ProjectChanged
    | MilestoneReached
    | ProjectAccepted
    | ProjectTerminated,
) -> None:
    """Follow a project from stage to stage; `since` is the day on which it reached its stage."""
    before = row.stage
    match event:
        case ProjectFiled():
            _file(row, event)
        case ProjectReviewed():
            if event.subject == "proposal":
                row.proposal_passed = event.passed
            else:
                row.result_passed = event.passed
        case ProjectApproved():
            row.stage, row.budget = "approved", event.budget
        case ProjectChanged():
            _change(row, event)
        case MilestoneReached():
            row.milestone = event.milestone
        case _:
            row.stage = STAGES[type(event)]
            if isinstance(event, ProjectPosted):
                row.notice_until = event.until
    if row.stage != before:
        row.since = event.day


def _file(row: ProjectFile, event: ProjectFiled) -> None:
    row.stage, row.filed = "filed", event.day
    row.unit, row.system, row.name, row.kind = event.unit, event.system, event.name, event.kind
    row.tier, row.year, row.field = event.tier, event.year, event.field
    row.techniques, row.content = [*event.techniques], event.content
    row.requested, row.completion = event.budget, event.completion
    row.network_detail, row.security_detail = event.network_detail, event.security_detail


def _change(row: ProjectFile, event: ProjectChanged) -> None:
    row.content = row.content if event.content is None else event.content
    row.completion = row.completion if event.completion is None else event.completion
    row.requested = row.requested if event.budget is None else event.budget
    row.techniques = [each for each in row.techniques if each not in event.dropped_techniques]
    row.techniques += event.added_techniques
    if not event.returns_to_approval:
        row.budget = row.requested
    elif row.stage == "approved":
        row.stage, row.result_passed = "filed", None


class OpenObjection(Struct):
    """An objection to a posted project that has not been answered; it holds up approval."""

    objection: str
    project: str = ""
    raised: str = ""
    person: str | None = None
    grounds: bytes | None = None
    unit: str | None = None
    unit_grounds: str | None = None


def open_objection(row: OpenObjection, event: ObjectionRaised | ObjectionAnswered) -> Removed | None:
    """Keep an objection until it is answered."""
    match event:
        case ObjectionRaised():
            row.project, row.raised = event.project, event.day
            row.person, row.grounds = event.person, event.grounds
            row.unit, row.unit_grounds = event.unit, event.unit_grounds
            return None
        case ObjectionAnswered():
            return REMOVED


READ_MODELS = (
    ReadModel(
        "projects",
        "project",
        ProjectFile,
        project_file,
        filter=("unit", "system", "stage", "kind", "tier", "field", "year"),
        sort=("filed", "since", "budget", "completion"),
    ),
    ReadModel(
        "open-objections", "objection", OpenObjection, open_objection, filter=("project",), sort=("raised",)
    ),
)
