"""Roles, and what they rest on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonsMerged
from events.identity.roles import RoleGranted, RoleRevoked, Scope
from events.roll.pupils import StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.teachers import TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from streams.scenario import chain, given
from tests.contexts.identity import AT_A, CITYWIDE, IN_DISTRICT, PUPIL, SCHOOLING, TEACHER

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
        replace(TEACHER, role="officer", scope=IN_DISTRICT),
        replace(TEACHER, role="auditor", scope=CITYWIDE),
        REVOKED,
        TEACHER,
        LEFT,
        GRADUATED,
    )


def test_a_role_is_granted_once() -> None:
    given(*SCHOOLING, TEACHER).when(TEACHER).refused("role-held", "identity.granted_once")
    given(*SCHOOLING, TEACHER).when(replace(TEACHER, role="principal")).admitted()


@pytest.mark.parametrize(
    "grant, code",
    [
        (replace(PUPIL, person="q"), "no-live-roll-entry"),
        (replace(TEACHER, appointment="none"), "no-live-appointment"),
        (replace(TEACHER, person="q"), "no-live-appointment"),
        (replace(TEACHER, appointment=None), "role-needs-appointment"),
        (replace(PUPIL, person="t", appointment="job"), "role-needs-roll-entry"),
        (replace(TEACHER, scope=Scope(tier="school", kind="school", organisation="b")), "outside-scope"),
        (
            replace(TEACHER, scope=Scope(tier="district", kind="authority", organisation="xuhui")),
            "outside-scope",
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
    given(*SCHOOLING, PUPIL, MOVED).when(
        replace(PUPIL, scope=Scope(tier="school", kind="school", organisation="b"))
    ).admitted()


def test_other_roles_end_with_the_appointment() -> None:
    given(*SCHOOLING, TEACHER, LEFT).when(REVOKED).refused("role-not-held")
    given(*SCHOOLING, LEFT).when(TEACHER).refused("no-live-appointment")


def test_a_transfer_ends_only_the_roles_whose_scope_it_leaves() -> None:
    officer = replace(TEACHER, role="officer", scope=IN_DISTRICT)
    history = given(*SCHOOLING, TEACHER, officer, TO_B)
    history.when(REVOKED).refused("role-not-held")
    history.when(replace(REVOKED, role="officer", scope=IN_DISTRICT)).admitted()
    history.when(TEACHER).refused("outside-scope")


def test_what_is_not_held_is_not_revoked() -> None:
    given(*SCHOOLING).when(REVOKED).refused("role-not-held", "identity.revoked_when_held")


def test_a_merge_gives_nobody_more_roles() -> None:
    merged = PersonsMerged(merged="t", surviving="q")
    history = given(*SCHOOLING, TEACHER, merged)
    history.when(replace(REVOKED, person="q")).refused("role-not-held")
    history.when(replace(TEACHER, person="q")).admitted()
