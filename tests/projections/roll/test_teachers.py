"""The teacher database and appointments."""

from __future__ import annotations

from msgspec.structs import replace

from projections.roll.teachers import Appointment, Post, Qualification, Teacher
from streams.scenario import given
from tests.contexts.roll import APPOINTED, QUALIFIED, TEACHER_LEFT, TEACHER_MOVED


def test_teachers_have_their_present_posts_and_qualifications() -> None:
    qualification = Qualification("q-1", "primary", "数学", "2010-06-01")
    assert given(QUALIFIED).row("teachers", "t") == Teacher("t", "qualified", [], [qualification])
    post = Post("n-1", "a", "d", "teacher", "数学", "2010-09-01")
    in_post = Teacher("t", "in-post", [post], [qualification], "2010-09-01")
    assert given(QUALIFIED, APPOINTED).row("teachers", "t") == in_post
    second = replace(APPOINTED, appointment="n-2", post="class-teacher")
    moved = given(APPOINTED, second, TEACHER_MOVED).row("teachers", "t")
    assert [(each.appointment, each.school, each.since) for each in moved.posts] == [
        ("n-1", "b", "2015-09-01"),
        ("n-2", "a", "2010-09-01"),
    ]
    left = given(QUALIFIED, APPOINTED, TEACHER_MOVED, TEACHER_LEFT).row("teachers", "t")
    assert left == Teacher("t", "left", [], [qualification], "2020-07-01")


def test_a_teacher_who_leaves_one_of_two_posts_is_in_post() -> None:
    second = replace(APPOINTED, appointment="n-2")
    row = given(APPOINTED, second, TEACHER_MOVED, TEACHER_LEFT).row("teachers", "t")
    assert (row.status, [post.appointment for post in row.posts]) == ("in-post", ["n-2"])


def test_appointments_keep_their_end() -> None:
    appointed = ("2010-09-01", "2010-09-01")
    live = Appointment("n-1", "t", "a", "d", "teacher", "数学", "live", *appointed)
    assert given(APPOINTED).row("appointments", "n-1") == live
    moved = replace(live, school="b", district="e", since="2015-09-01")
    assert given(APPOINTED, TEACHER_MOVED).row("appointments", "n-1") == moved
    ended = replace(moved, status="ended", ended="2020-07-01", reason="retired")
    assert given(APPOINTED, TEACHER_MOVED, TEACHER_LEFT).row("appointments", "n-1") == ended
