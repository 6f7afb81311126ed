"""The atlas of IT projects (项目图谱): from filing to acceptance, and the systems they leave (plan, 三(1))."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Count, Day, Event, Fen, Name, Number, PersonId, Tag, Text

ProjectId = Annotated[Number, Tag("project")]
UnitId = Annotated[Number, Tag("unit")]
SupplierId = Annotated[Number, Tag("supplier")]
SystemId = Annotated[Number, Tag("system")]
ContractId = Annotated[Number, Tag("contract")]
ObjectionId = Annotated[Number, Tag("objection")]
DatasetId = Annotated[Number, Tag("dataset")]
SiteId = Annotated[Number, Tag("site")]
RuleData = Annotated[Literal["projects"], Tag("rules")]

Kind = Literal["build", "upgrade", "operate"]
Milestone = Literal["started", "first-acceptance", "trial-run", "operation"]
Month = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="a month, 2024-09")]
Year = Annotated[int, Meta(ge=1990, le=2200)]


class ProjectRulesPublished(Event, frozen=True):
    """The municipality has put notice and trial periods and tolerances of projects into force from a day on."""

    since: Day
    notice_working_days: Annotated[int, Meta(ge=1, le=365)]
    trial_days: Annotated[int, Meta(ge=0, le=3650)]
    budget_tolerance: Annotated[int, Meta(ge=0, le=10_000, description="in hundredths of a percent")]
    delay_tolerance_days: Annotated[int, Meta(ge=0, le=3650)]
    holidays: list[Day] = []
    rules: RuleData = "projects"


class ProjectFiled(Event, frozen=True):
    """A unit has filed an IT project (立项申报) and declared whether it is free of state secrets (非涉密)."""

    project: ProjectId
    unit: UnitId
    system: SystemId
    name: Name
    kind: Kind
    tier: Literal["municipality", "district", "school"]
    field: Name
    techniques: list[Name]
    content: Text
    budget: Fen
    completion: Day
    declared_unclassified: bool
    year: Year | None = None
    network_detail: Text = ""
    security_detail: Text = ""


class NonClassificationConfirmed(Event, frozen=True):
    """Another unit than the one that filed it has confirmed that a project is not classified (非涉密确认)."""

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
    """The public notice (公示) of a project has begun; it tells what the project is, and lasts until a day."""

    project: ProjectId
    until: Day
    unit: Number
    system: Number
    name: Name
    kind: Kind
    field: Name
    techniques: list[Name]
    content: Text
    budget: Fen
    completion: Day
    year: Year | None = None


class ObjectionRaised(Event, frozen=True):
    """A person or a unit has objected to a project that is posted (异议)."""

    objection: ObjectionId
    project: ProjectId
    grounds: Text
    person: PersonId | None = None
    unit: UnitId | None = None


class ObjectionAnswered(Event, frozen=True):
    """An objection has been answered; upheld, the project must be returned."""

    objection: ObjectionId
    project: ProjectId
    upheld: bool
    answer: Text


class ProjectReturned(Event, frozen=True):
    """A project that waits for approval has been returned to its unit (退回)."""

    project: ProjectId
    reason: Text


class ProjectResubmitted(Event, frozen=True):
    """A unit has submitted a returned project again."""

    project: ProjectId


class ProjectApproved(Event, frozen=True):
    """A project has been approved with a budget (立项批复)."""

    project: ProjectId
    budget: Fen
    reference: Name | None = None


class ProjectChanged(Event, frozen=True):
    """A project has changed (项目变更), within the tolerance or so that it returns to approval."""

    project: ProjectId
    reason: Text
    returns_to_approval: bool
    budget: Fen | None = None
    completion: Day | None = None
    content: Text | None = None
    added_techniques: list[Name] = []
    dropped_techniques: list[Name] = []


class ProjectLinked(Event, frozen=True):
    """A project has told which data sets its system holds and on which sites (网站) it appears."""

    project: ProjectId
    datasets: list[DatasetId] = []
    sites: list[SiteId] = []


class ProjectUnlinked(Event, frozen=True):
    """A project's system holds data sets, or appears on sites, no longer."""

    project: ProjectId
    datasets: list[DatasetId] = []
    sites: list[SiteId] = []


class ContractAwarded(Event, frozen=True):
    """A supplier has been awarded a contract of a project (合同签订)."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    supplier_name: Name
    procedure: Literal["open-tender", "invited-tender", "negotiation", "single-source", "framework"]
    amount: Fen
    subject: Name


class ContractAmended(Event, frozen=True):
    """A contract's amount has been amended (合同变更)."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    from_amount: Fen
    to_amount: Fen
    reason: Text


class SpendingReported(Event, frozen=True):
    """Money has been spent under a contract (经费支出)."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    system: SystemId
    amount: Fen


class MilestoneReached(Event, frozen=True):
    """A project has started, passed first acceptance (初验), begun its trial run (试运行) or gone into operation."""

    project: ProjectId
    milestone: Milestone


class ProjectAccepted(Event, frozen=True):
    """A project has passed final acceptance (终验); its system is in service."""

    project: ProjectId
    system: SystemId
    suppliers: list[SupplierId]
    opinion: Text


class ProjectEvaluated(Event, frozen=True):
    """An accepted project's performance has been evaluated (绩效评价)."""

    project: ProjectId
    suppliers: list[SupplierId]
    score: Annotated[int, Meta(ge=0, le=100)]
    opinion: Text


class ProjectTerminated(Event, frozen=True):
    """A project has been ended before its acceptance (项目终止)."""

    project: ProjectId
    system: SystemId
    suppliers: list[SupplierId]
    reason: Literal["withdrawn", "funding", "breach-of-contract", "superseded", "other"]
    explanation: Text


class UsageReported(Event, frozen=True):
    """A system's use in a month has been reported (应用情况)."""

    system: SystemId
    month: Month
    users: Count
    visits: Count


class SystemRetired(Event, frozen=True):
    """A system has gone out of service (系统下线), replaced by its successor where it has one."""

    system: SystemId
    reason: Text
    successor: SystemId | None = None


EVENTS = (
    ProjectRulesPublished,
    ProjectFiled,
    NonClassificationConfirmed,
    ProjectReviewed,
    ProjectPosted,
    ObjectionRaised,
    ObjectionAnswered,
    ProjectReturned,
    ProjectResubmitted,
    ProjectApproved,
    ProjectChanged,
    ProjectLinked,
    ProjectUnlinked,
    ContractAwarded,
    ContractAmended,
    SpendingReported,
    MilestoneReached,
    ProjectAccepted,
    ProjectEvaluated,
    ProjectTerminated,
    UsageReported,
    SystemRetired,
)
