"""What evaluation reads from the roll: the school that a pupil attends, and the posts of those who sign."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import refuse_if, too_early_if
from events.fold import Fold
from events.roll.entry import Entry, follow
from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred


class Pupil(Struct):
    """A pupil's live roll entry, if any; the last begun if merged numbers have several."""

    person: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def entry(self) -> Entry:
        """The live entry; a blank one if there is none."""
        return self.entries[-1] if self.entries else Entry()


def pupil(
    state: Pupil,
    event: StudentEnrolled | StudentTransferred | StudentWithdrawn | StudentGraduated | StudentLeft,
) -> None:
    """Follow a pupil from roll to roll."""
    follow(state.entries, event)


PUPIL = Fold("person", Pupil, pupil)


class Post(Struct):
    """A teacher's appointment: its school and its post."""

    appointment: str
    school: str = ""
    post: str = ""
    ended: bool = False


def post(state: Post, event: TeacherAppointed | TeacherTransferred | TeacherLeft) -> None:
    """Follow an appointment from school to school, to its end."""
    match event:
        case TeacherAppointed():
            state.school, state.post = event.school, event.post
        case TeacherTransferred():
            state.school = event.to_school
        case TeacherLeft():
            state.ended = True


POST = Fold("appointment", Post, post)


def at_school(pupil: Pupil, school: str, district: str) -> None:
    """Refuse unless the pupil is on the roll of this school."""
    entry = pupil.entry
    refuse_if(not entry.school, "not-on-a-roll", f"the pupil {pupil.person} is not on a roll")
    refuse_if(
        entry.school != school,
        "on-another-roll",
        f"the pupil is on the roll of {entry.school}, not of {school}",
    )
    refuse_if(
        entry.district != district,
        "other-district",
        f"{school} belongs to district {entry.district}, not {district}",
    )


def in_post(post: Post, school: str, wanted: str = "") -> None:
    """Refuse unless the appointment is live at this school and, if `wanted` is given, to that post."""
    number = post.appointment
    too_early_if(not post.school, "unknown-appointment", f"no appointment {number} is known")
    refuse_if(post.ended, "appointment-ended", f"the appointment {number} has ended")
    refuse_if(post.school != school, "appointed-elsewhere", f"the appointment {number} is at {post.school}")
    refuse_if(
        wanted not in ("", post.post),
        "other-post",
        f"the appointment {number} is as {post.post}, not as {wanted}",
    )
