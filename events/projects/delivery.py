"""From approval to acceptance (验收), evaluation or termination."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Day, Event, Fen, Name, Number, Tag, Text
from events.projects.vocabulary import ProjectId, SupplierId, SystemId

DatasetId = Annotated[Number, Tag("dataset")]
SiteId = Annotated[Number, Tag("site")]
Milestone = Literal["started", "first-acceptance", "trial-run", "operation"]


class ProjectChanged(Event, frozen=True):
    """A project has changed (项目变更), either within the tolerance or with a return to approval."""

    project: ProjectId
    reason: Text
    returns_to_approval: bool
    budget: Fen | None = None
    completion: Day | None = None
    content: Text | None = None
    added_techniques: list[Name] = []
    dropped_techniques: list[Name] = []


class ProjectLinked(Event, frozen=True):
    """A project has stated which data sets its system holds and on which sites (网站) it appears."""

    project: ProjectId
    datasets: list[DatasetId] = []
    sites: list[SiteId] = []


class ProjectUnlinked(Event, frozen=True):
    """A project's system no longer holds these data sets, or no longer appears on these sites."""

    project: ProjectId
    datasets: list[DatasetId] = []
    sites: list[SiteId] = []


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
    """A project has been terminated before its acceptance (项目终止)."""

    project: ProjectId
    system: SystemId
    suppliers: list[SupplierId]
    reason: Literal["withdrawn", "funding", "breach-of-contract", "superseded", "other"]
    explanation: Text


EVENTS = (
    ProjectChanged,
    ProjectLinked,
    ProjectUnlinked,
    MilestoneReached,
    ProjectAccepted,
    ProjectEvaluated,
    ProjectTerminated,
)
