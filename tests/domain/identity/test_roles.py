"""Roles, and what they rest on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonsMerged
from events.identity.published import RoleGround
from events.identity.roles import RoleGranted, RoleRevoked, Scope
from events.roll.pupils import StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from streams.scenario import at, chain, given
from tests.contexts.identity import AT_A, CITYWIDE, IN_DISTRICT, PUPIL, ROLE_RULES, SCHOOLING, TEACHER
from tests.logs.publishing import Town

AT_B = Scope(tier="school", kind="school", organisation="b")
REVOKED = RoleRevoked(person="t", role="teacher", scope=AT_A, reason="replaced")
LEFT = TeacherLeft(person="t", appointment="job", school="a", district="pudong", reason="retired")
TO_B = TeacherTransferred(
    person="t",
    appointment="job",
    from_school="a",
    to_school="b",
    from_district="pudong",
    to_district="pudong",
)
MOVED = StudentTransferred(
    person="p",
    from_school="a",
    to_school="b",
    from_district="pudong",
    to_district="pudong",
    stage="primary",
    grade=5,
)
GRADUATED = StudentGraduated(person="p", school="a", district="pudong", stage="primary", grade=5)
PUPIL_REVOKED = RoleRevoked(person="p", role="student", scope=AT_A, reason="mistaken")


def test_a_role_from_grant_to_end() -> None:
    chain(
        *SCHOOLING,
        PUPIL,
        TEACHER,
        replace(TEACHER, role="officer"),
        REVOKED,
        TEACHER,
        LEFT,
        GRADUATED,
    )


def test_a_role_is_granted_once() -> None:
    given(*SCHOOLING, TEACHER).when(TEACHER).refused("role-held", "identity.granted_once")
    given(*SCHOOLING, TEACHER).when(replace(TEACHER, role="officer")).admitted()


@pytest.mark.parametrize(
    "grant, code",
    [
        (replace(PUPIL, person="q"), "no-live-roll-entry"),
        (replace(TEACHER, appointment="none"), "no-live-appointment"),
        (replace(TEACHER, person="q"), "no-live-appointment"),
        (replace(TEACHER, appointment=None), "role-needs-appointment"),
        (replace(PUPIL, person="t", appointment="job"), "role-needs-roll-entry"),
        (replace(TEACHER, scope=AT_B), "outside-scope"),
        (replace(PUPIL, scope=AT_B), "outside-scope"),
        (replace(TEACHER, scope=IN_DISTRICT), "beyond-the-appointment"),
        (replace(TEACHER, scope=CITYWIDE), "beyond-the-appointment"),
        (replace(PUPIL, scope=CITYWIDE), "beyond-the-appointment"),
        (
            replace(TEACHER, scope=Scope(tier="school", kind="authority", organisation="a")),
            "beyond-the-appointment",
        ),
    ],
)
def test_a_role_rests_on_a_live_entry_or_appointment(grant: RoleGranted, code: str) -> None:
    given(*SCHOOLING).when(grant).refused(code, "identity.rests_on_its_ground")


@pytest.mark.parametrize(
    "end",
    [
        GRADUATED,
        StudentWithdrawn(
            person="p", school="a", district="pudong", stage="primary", grade=5, reason=b"sealed"
        ),
        StudentLeft(person="p", school="a", district="pudong", stage="primary", grade=5, reason="abroad"),
    ],
)
def test_a_students_role_ends_with_the_roll_entry(end: Event) -> None:
    given(*SCHOOLING, PUPIL).when(PUPIL_REVOKED).admitted()
    given(*SCHOOLING, PUPIL, end).when(PUPIL_REVOKED).refused("role-not-held")
    given(*SCHOOLING, end).when(PUPIL).refused("no-live-roll-entry")


def test_a_students_role_follows_a_transfer() -> None:
    given(*SCHOOLING, PUPIL, MOVED).when(PUPIL_REVOKED).refused("role-not-held")
    given(*SCHOOLING, PUPIL, MOVED).when(replace(PUPIL, scope=AT_B)).admitted()


def test_other_roles_end_with_the_appointment() -> None:
    given(*SCHOOLING, TEACHER, LEFT).when(REVOKED).refused("role-not-held")
    given(*SCHOOLING, LEFT).when(TEACHER).refused("no-live-appointment")


def test_a_transfer_ends_the_roles_whose_scope_it_leaves() -> None:
    history = given(*SCHOOLING, TEACHER, TO_B)
    history.when(REVOKED).refused("role-not-held")
    history.when(TEACHER).refused("outside-scope")
    history.when(replace(TEACHER, scope=AT_B)).admitted()


def test_a_post_carries_only_the_roles_that_are_published_for_it() -> None:
    rule = "identity.carried_by_its_post"
    without = [each for each in SCHOOLING if each != ROLE_RULES]
    given(*without).when(TEACHER).refused("no-identity-rules", rule)
    given(*without).when(PUPIL).admitted()
    given(*SCHOOLING).when(replace(TEACHER, role="principal")).refused("post-does-not-carry-it", rule)
    given(*SCHOOLING).when(replace(TEACHER, role="auditor")).refused("post-does-not-carry-it", rule)
    citywide = replace(ROLE_RULES, roles=[RoleGround("teacher", ["teacher"], ["municipality"])])
    given(*SCHOOLING, citywide).when(TEACHER).refused("post-does-not-carry-it", rule)
    wider = replace(ROLE_RULES, since="2024-02-01", roles=[RoleGround("principal", ["teacher"], ["school"])])
    as_principal = replace(TEACHER, role="principal")
    given(*SCHOOLING, wider).when(as_principal).refused("post-does-not-carry-it", rule)
    given(*SCHOOLING, wider).when(replace(as_principal, occurred_at=at("2024-02-01"))).admitted()


def test_a_support_post_at_a_school_carries_no_municipal_administrator() -> None:
    support = TeacherAppointed("q", "desk", "a", "pudong", "support", occurred_at=at("2024-01-02"))
    town = Town(*SCHOOLING, support)
    administrator = RoleGranted("q", "administrator", CITYWIDE, "desk", occurred_at=at("2024-01-03"))
    assert town.codes(administrator) == ["beyond-the-appointment"]
    assert town.codes(replace(administrator, scope=AT_A)) == [""]


def test_a_move_keeps_the_post_that_carries_a_role() -> None:
    town = Town(*SCHOOLING)
    moved, there = replace(TO_B, occurred_at=at("2024-01-04")), replace(TEACHER, scope=AT_B)
    assert town.codes(moved, replace(there, occurred_at=at("2024-01-05"))) == ["", ""]


def test_what_is_not_held_is_not_revoked() -> None:
    given(*SCHOOLING).when(REVOKED).refused("role-not-held", "identity.revoked_when_held")


def test_a_merge_gives_nobody_more_roles() -> None:
    merged = PersonsMerged(merged="t", surviving="q")
    history = given(*SCHOOLING, TEACHER, merged)
    history.when(replace(REVOKED, person="q")).refused("role-not-held")
    history.when(replace(TEACHER, person="q")).admitted()
