"""What evaluation reads from the roll: the school that a pupil attends, and the posts of those who sign."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import refuse_if, too_early_if
from events.clock import plus_days
from events.fold import Fold
from events.roll.entry import Entry, follow
from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.schools import SchoolsMerged
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred


class Gone(Struct, frozen=True):
    """The day on which a pupil left a school, and its district."""

    day: str
    district: str


class Pupil(Struct):
    """A pupil's live roll entry, if any, the last begun if merged numbers have several; and the schools that they left."""

    person: str
    entries: list[Entry] = field(default_factory=list)
    gone: dict[str, Gone] = field(default_factory=dict)

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
    match event:
        case StudentTransferred():
            state.gone[event.from_school] = Gone(event.day, event.from_district)
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            state.gone[event.school] = Gone(event.day, event.district)


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


def at_last_school(pupil: Pupil, school: str, district: str, day: str, days: int) -> None:
    """Refuse unless the pupil is on the roll of this school, or left it no more than some days ago."""
    gone = pupil.gone.get(school)
    if gone is None or pupil.entry.school == school:
        at_school(pupil, school, district)
        return
    refuse_if(gone.district != district, "other-district", f"{school} belonged to district {gone.district}")
    last = plus_days(gone.day, days)
    refuse_if(day > last, "too-late", f"the pupil left {school} on {gone.day}; its report was due by {last}")


class Merger(Struct):
    """The school that a school has merged into, if any."""

    school: str
    into: str = ""


def merger(state: Merger, event: SchoolsMerged) -> None:
    """Follow mergers, also of the school that this one had merged into."""
    if event.into != state.school:
        state.into = event.into


MERGER = Fold("school", Merger, merger)


def in_post(post: Post, *schools: str, wanted: str = "") -> None:
    """Refuse unless the appointment is live at one of the schools and, if `wanted` is given, to that post."""
    number = post.appointment
    too_early_if(not post.school, "unknown-appointment", f"no appointment {number} is known")
    refuse_if(post.ended, "appointment-ended", f"the appointment {number} has ended")
    refuse_if(
        post.school not in schools, "appointed-elsewhere", f"the appointment {number} is at {post.school}"
    )
    refuse_if(
        wanted not in ("", post.post),
        "other-post",
        f"the appointment {number} is as {post.post}, not as {wanted}",
    )
