"""Roles that persons hold."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.roles import RoleRevoked
from events.roll.pupils import StudentGraduated, StudentLeft
from events.roll.teachers import TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.identity.roles import Held
from streams.scenario import at, given
from tests.contexts.identity import AT_A, IN_DISTRICT, MERGED, PUPIL, SCHOOLING, TEACHER


def test_roles_are_listed_while_they_are_held() -> None:
    officer = replace(TEACHER, role="officer", scope=IN_DISTRICT)
    teaches = Held("t", "teacher", AT_A, "job", "2024-01-03")
    oversees = Held("t", "officer", IN_DISTRICT, "job", "2024-01-03")
    history = (*SCHOOLING, PUPIL, TEACHER, officer)
    assert given(*history).row("roles", "t").roles == [teaches, oversees]
    assert given(*history).row("roles", "p").roles == [Held("p", "student", AT_A, None, "2024-01-03")]
    revoked = RoleRevoked(person="t", role="teacher", scope=AT_A, reason="replaced")
    assert given(*history, revoked).row("roles", "t").roles == [oversees]
    moved = TeacherTransferred(
        person="t",
        appointment="job",
        from_school="a",
        to_school="b",
        from_district="pudong",
        to_district="pudong",
    )
    assert given(*history, moved).row("roles", "t").roles == [oversees]


def test_roles_end_with_what_they_depend_on() -> None:
    history = (*SCHOOLING, PUPIL, TEACHER)
    left = TeacherLeft(person="t", appointment="job", school="a", district="pudong", reason="retired")
    assert given(*history, left).row("roles", "t") is None
    graduated = StudentGraduated(person="p", school="a", district="pudong", stage="primary", grade=5)
    assert given(*history, graduated).row("roles", "p") is None
    moved = StudentTransferred(
        person="p",
        from_school="a",
        to_school="b",
        from_district="pudong",
        to_district="pudong",
        stage="primary",
        grade=5,
    )
    assert given(*history, moved).row("roles", "p") is None
    assert given(*history, moved, graduated).rows("roles") == given(*history, moved).rows("roles")


def test_roles_end_with_a_merge() -> None:
    merged = replace(MERGED, merged="t")
    assert given(*SCHOOLING, TEACHER, merged).row("roles", "t") is None
    assert given(*SCHOOLING, TEACHER, replace(MERGED, surviving="t")).row("roles", "t") is not None


def test_a_surviving_number_inherits_no_role_and_keeps_its_own() -> None:
    merged = replace(MERGED, merged="p", surviving="t")
    held = given(*SCHOOLING, PUPIL, TEACHER, merged).row("roles", "t").roles
    assert [(each.person, each.role) for each in held] == [("t", "teacher")]


def test_a_duplicate_entry_of_another_number_ends_no_role() -> None:
    other = replace(SCHOOLING[-2], person="q", school="b")
    left = StudentLeft("q", "b", "pudong", "primary", 5, "duplicate", occurred_at=at("2024-01-05"))
    merged = replace(MERGED, merged="q", surviving="p")
    row = given(*SCHOOLING, PUPIL, other, left, merged).row("roles", "p")
    assert [each.role for each in row.roles] == ["student"]
