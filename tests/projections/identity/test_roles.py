"""Roles that persons hold."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.roles import RoleRevoked
from events.roll.pupils import StudentGraduated
from events.roll.teachers import TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.identity.roles import Held
from streams.scenario import given
from tests.contexts.identity import AT_A, IN_DISTRICT, MERGED, PUPIL, SCHOOLING, TEACHER


def test_roles_are_listed_while_they_are_held() -> None:
    officer = replace(TEACHER, role="officer", scope=IN_DISTRICT)
    teaches = Held("teacher", AT_A, "job", "2024-01-03")
    oversees = Held("officer", IN_DISTRICT, "job", "2024-01-03")
    history = (*SCHOOLING, PUPIL, TEACHER, officer)
    assert given(*history).row("roles", "t").roles == [teaches, oversees]
    assert given(*history).row("roles", "p").roles == [Held("student", AT_A, None, "2024-01-03")]
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
