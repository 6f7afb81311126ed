"""The sample city's IT projects: filed, posted, approved, built, accepted, used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from adapters.upstream.city.clockwork import FIRST_YEAR, Actor, CityPlan, moment, number
from adapters.upstream.city.schools import DISTRICTS
from events.event import Event
from events.projects.approval import (
    NonClassificationConfirmed,
    ObjectionAnswered,
    ObjectionRaised,
    ProjectApproved,
    ProjectFiled,
    ProjectPosted,
    ProjectReviewed,
)
from events.projects.contracts import ContractAwarded, SpendingReported
from events.projects.delivery import MilestoneReached, ProjectAccepted, ProjectEvaluated
from events.projects.published import ProjectRulesPublished
from events.projects.systems import UsageReported

FIELDS = ("smart-campus", "data-platform", "online-teaching", "security", "libraries", "examinations")
TECHNIQUES = ("cloud", "internet-of-things", "artificial-intelligence", "big-data", "blockchain")
YUAN = 100


def rules(plan: CityPlan) -> Iterator[Event]:
    """Publish the rules of projects."""
    chance = plan.chance("project-rules")
    published = ProjectRulesPublished(f"{FIRST_YEAR}-08-01", 5, 90, 1000, 90)
    yield Actor("commission", "project-rules", chance).says(published, moment(date(FIRST_YEAR, 8, 1), chance))


def project_life(plan: CityPlan, index: int) -> Iterator[Event]:
    """Live a project from its filing to two months of use."""
    chance = plan.chance("project", index)
    actor = Actor("projects", f"project-{index}", chance)
    for after, event in _steps(plan, index):
        day = date(FIRST_YEAR, 9, 1) + timedelta(days=17 * (index % 30) + after)
        yield actor.says(event, moment(day, chance))


def _steps(plan: CityPlan, index: int) -> Iterator[tuple[int, Event]]:
    chance = plan.chance("project-content", index)
    project, system, supplier = f"project-{index}", f"system-{index}", f"supplier-{index % 12}"
    unit, contract = f"bureau-{DISTRICTS[index % len(DISTRICTS)]}", number("contract", chance)
    field, techniques = chance.choice(FIELDS), chance.sample(TECHNIQUES, 2)
    name, content = f"{field} {index}", f"To build {field} for the schools of the district"
    budget = chance.randrange(200_000, 5_000_000) * YUAN
    start = date(FIRST_YEAR, 9, 1) + timedelta(days=17 * (index % 30))
    completion = (start + timedelta(days=400)).isoformat()
    yield (
        0,
        ProjectFiled(
            project,
            unit,
            system,
            name,
            "build",
            "district",
            field,
            techniques,
            content,
            budget,
            completion,
            declared_unclassified=True,
            network_detail="10 Gbit/s uplink",
            security_detail="level 2",
        ),
    )
    yield 3, NonClassificationConfirmed(project, "security-office", f"confirmation {index}")
    yield 6, ProjectReviewed(project, "proposal", passed=True, opinion="sound and economical")
    until = (start + timedelta(days=27)).isoformat()
    yield (
        10,
        ProjectPosted(
            project, until, unit, system, name, "build", field, techniques, content, budget, completion
        ),
    )
    if index % 7 == 0:
        objection = number("objection", chance)
        yield (
            12,
            ObjectionRaised(
                objection, project, unit=f"unit-{index}", unit_grounds="there is a similar system"
            ),
        )
        yield 15, ObjectionAnswered(objection, project, upheld=False, answer="its scope is another")
    yield 30, ProjectApproved(project, budget, f"approval {index}")
    amount = budget * 9 // 10
    company = f"Sample Supplier {index % 12}"
    yield 45, ContractAwarded(contract, project, supplier, company, "open-tender", amount, name)
    yield 50, MilestoneReached(project, "started")
    yield 60, SpendingReported(contract, project, supplier, system, amount // 3)
    yield 180, MilestoneReached(project, "first-acceptance")
    yield 185, MilestoneReached(project, "trial-run")
    yield 190, SpendingReported(contract, project, supplier, system, amount // 3)
    if index % 9 == 0:
        return
    yield 290, ProjectReviewed(project, "result", passed=True, opinion="works as approved")
    yield 300, ProjectAccepted(project, system, [supplier], "accepted")
    yield 301, MilestoneReached(project, "operation")
    yield 320, SpendingReported(contract, project, supplier, system, amount // 4)
    month = (start + timedelta(days=310)).isoformat()[:7]
    yield 345, UsageReported(system, month, chance.randrange(50, 5000), chance.randrange(5000, 90_000))
    yield 380, ProjectEvaluated(project, [supplier], chance.randrange(60, 100), "used as planned")
