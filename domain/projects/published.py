"""Notice and trial periods and tolerances of projects, published as dated data."""

from __future__ import annotations

from msgspec import Struct, field

from domain.dated import in_force
from domain.rule import Refused, data
from events.fold import Fold
from events.projects.published import ProjectRulesPublished


class Regulation(Struct):
    """The versions of the projects' published rules."""

    name: str
    versions: list[ProjectRulesPublished] = field(default_factory=list)

    def terms(self, day: str) -> ProjectRulesPublished:
        """Return what is in force on a day. Raises Refused where nothing is."""
        found = in_force(self.versions, day)
        if found is None:
            raise Refused("no-project-rules", f"no rules of projects are in force on {day}")
        return found


def regulation(state: Regulation, event: ProjectRulesPublished) -> None:
    """Keep every version; which one counts is a question of the day."""
    state.versions.append(event)


PROJECT_RULES = data(Fold("rules", Regulation, regulation), "projects")
