"""Notice and trial periods and tolerances of projects, published as rule data."""

from __future__ import annotations

from typing import TypeAlias

from domain.dated import published_ahead, version_on
from events.dated import Versions
from events.projects.published import ProjectRulesPublished

ALL = 10_000
"""The whole of an amount, in hundredths of a percent, the unit of tolerances and shares."""

ProjectRules: TypeAlias = Versions[ProjectRulesPublished]


def rules_on(rules: ProjectRules, day: str) -> ProjectRulesPublished:
    """Return the project rules in force on a day. Raises TooEarly if there are none."""
    return version_on(rules, day, "no-project-rules", "project rules")


RULES = (published_ahead(ProjectRulesPublished),)
