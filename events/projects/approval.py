"""From filing (立项申报) to approval."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Day, Event, Fen, Name, Number, Personal, PersonId, Tag, Text, Told
from events.projects.vocabulary import ProjectId, SystemId

UnitId = Annotated[Number, Tag("unit")]
ObjectionId = Annotated[Number, Tag("objection")]
ProjectField = Annotated[Name, Tag("project-field")]
Kind = Literal["build", "upgrade", "operate"]
Year = Annotated[int, Meta(ge=1990, le=2200)]


class ProjectFiled(Event, frozen=True):
    """A unit has filed an IT project (立项申报) and declared whether it is free of state secrets (非涉密).

    `compared` lists posted projects of the field with which it has been compared, `serves` the schools that it is for.
    """

    project: ProjectId
    unit: UnitId
    system: SystemId
    name: Name
    kind: Kind
    tier: Literal["municipality", "district", "school"]
    field: ProjectField
    techniques: list[Name]
    content: Text
    budget: Fen
    completion: Day
    declared_unclassified: bool
    year: Year | None = None
    network_detail: Text = ""
    security_detail: Text = ""
    compared: list[Number] = []
    serves: list[Number] = []


class NonClassificationConfirmed(Event, frozen=True):
    """A unit other than the one that filed the project has confirmed that it is not classified (非涉密确认)."""

    project: ProjectId
    by: Number
    reference: Name | None = None


class ProjectReviewed(Event, frozen=True):
    """Experts have reviewed a project's proposal, or its result before final acceptance (专家评审)."""

    project: ProjectId
    subject: Literal["proposal", "result"]
    passed: bool
    opinion: Text


class ProjectPosted(Event, frozen=True):
    """The public notice (公示) of a project has begun; it repeats the project as filed and lasts until a given day."""

    project: ProjectId
    until: Day
    unit: Number
    system: Number
    name: Name
    kind: Kind
    field: ProjectField
    techniques: list[Name]
    content: Text
    budget: Fen
    completion: Day
    year: Year | None = None


class ObjectionRaised(Event, frozen=True):
    """A person or a unit has objected to a posted project (异议): a person in `grounds`, which are sealed, a unit openly."""

    objection: ObjectionId
    project: ProjectId
    person: PersonId | None = None
    grounds: Annotated[bytes, Personal(of="person", sent_as=Told)] | None = None
    unit: UnitId | None = None
    unit_grounds: Text | None = None


class ObjectionAnswered(Event, frozen=True):
    """An objection has been answered; if it is upheld, the project must be returned."""

    objection: ObjectionId
    project: ProjectId
    upheld: bool
    answer: Text


class ProjectReturned(Event, frozen=True):
    """A project awaiting approval has been returned to its unit (退回)."""

    project: ProjectId
    reason: Text


class ProjectResubmitted(Event, frozen=True):
    """A unit has resubmitted a returned project."""

    project: ProjectId


class ProjectApproved(Event, frozen=True):
    """A project has been approved with a budget (立项批复)."""

    project: ProjectId
    budget: Fen
    reference: Name | None = None


EVENTS = (
    ProjectFiled,
    NonClassificationConfirmed,
    ProjectReviewed,
    ProjectPosted,
    ObjectionRaised,
    ObjectionAnswered,
    ProjectReturned,
    ProjectResubmitted,
    ProjectApproved,
)
