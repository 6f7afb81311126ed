"""Teachers: appointments, each under a number of its own, and teaching qualifications (教师资格)."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.roll.published import RollRules, compulsory_on
from domain.roll.pupils import PLACE, Place
from domain.roll.schools import SCHOOL, School, in_its_district, taking_people
from domain.rule import Rule, ever, of, refuse_if, too_early_if
from events.fold import Fold
from events.identity.persons import PersonDetailsCorrected, PersonRegistered
from events.roll.published import ROLL_RULES
from events.roll.pupils import StudentEnrolled
from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft, TeacherTransferred


class Appointment(Struct):
    """Who holds an appointment, and where."""

    appointment: str
    person: str = ""
    school: str = ""
    district: str = ""
    ended: bool = False


def appointment(state: Appointment, event: TeacherAppointed | TeacherTransferred | TeacherLeft) -> None:
    """Follow an appointment from school to school, to its end."""
    match event:
        case TeacherAppointed():
            state.person, state.school, state.district = event.person, event.school, event.district
        case TeacherTransferred():
            state.school, state.district = event.to_school, event.to_district
        case TeacherLeft():
            state.ended = True


APPOINTMENT = Fold("appointment", Appointment, appointment, steps=True)


class Posts(Struct):
    """A person's live appointments, each with its school, and the year of birth that is known of the number."""

    person: str
    held: dict[str, str] = field(default_factory=dict)
    birth_year: int | None = None


def posts(
    state: Posts,
    event: TeacherAppointed | TeacherTransferred | TeacherLeft | PersonRegistered | PersonDetailsCorrected,
) -> None:
    """Follow a person from post to post."""
    match event:
        case TeacherAppointed():
            state.held[event.appointment] = event.school
        case TeacherTransferred():
            state.held[event.appointment] = event.to_school
        case TeacherLeft():
            state.held.pop(event.appointment, None)
        case PersonRegistered() | PersonDetailsCorrected() if event.person == state.person:
            state.birth_year = event.birth_year or state.birth_year
        case _:
            return  # the year of a number merged into this one does not count


POSTS = Fold("person", Posts, posts)


def appointed_of_age(posts: Posts, rules: RollRules, proposed: TeacherAppointed) -> None:
    """Nobody is appointed in a year in which they cannot have reached the published age."""
    terms = rules.on(proposed.day)
    if terms is not None and posts.birth_year is not None:
        age = int(proposed.day[:4]) - posts.birth_year
        refuse_if(
            age < terms.appointment_age,
            "too-young",
            f"{proposed.person} was born in {posts.birth_year}; posts are for people of {terms.appointment_age} or older",
        )


def no_pupil_of_a_compulsory_stage(place: Place, rules: RollRules, proposed: TeacherAppointed) -> None:
    """A pupil on the roll of a compulsory stage (义务教育) holds no post."""
    stage = place.entry.stage
    refuse_if(
        place.school and compulsory_on(rules, stage, proposed.day),
        "pupil-in-a-post",
        f"{proposed.person} is a pupil of {place.school} in {stage}: end the entry first if it is wrong",
    )


def no_post_in_a_compulsory_stage(posts: Posts, rules: RollRules, proposed: StudentEnrolled) -> None:
    """Nobody who holds a post is enrolled into a compulsory stage (义务教育)."""
    refuse_if(
        posts.held and compulsory_on(rules, proposed.stage, proposed.day),
        "pupil-in-a-post",
        f"{proposed.person} holds the appointment {', '.join(posts.held)}: end it first if it is wrong",
    )


def appointed_at_open_school(school: School, proposed: TeacherAppointed) -> None:
    """Only an open school appoints teachers, and in its own district."""
    taking_people(school)
    in_its_district(school, proposed.district)


def holds(appointment: Appointment, person: str, school: str, district: str) -> None:
    """Refuse unless the person holds the appointment at the school that the event names."""
    number = appointment.appointment
    too_early_if(not appointment.person, "unknown-appointment", f"no appointment {number} is known")
    refuse_if(
        appointment.person != person, "other-holder", f"the appointment {number} is not held by {person}"
    )
    refuse_if(appointment.ended, "appointment-ended", f"the appointment {number} has ended")
    refuse_if(
        appointment.school != school,
        "other-school",
        f"the appointment {number} is at {appointment.school}, not at {school}",
    )
    refuse_if(
        appointment.district != district,
        "other-district",
        f"the appointment {number} is in district {appointment.district}, not {district}",
    )


def transferred_from_their_post(appointment: Appointment, proposed: TeacherTransferred) -> None:
    """A teacher is transferred from an appointment that they hold, to another school."""
    holds(appointment, proposed.person, proposed.from_school, proposed.from_district)
    refuse_if(
        proposed.from_school == proposed.to_school,
        "same-school",
        "a teacher is transferred to another school",
    )


def transferred_to_open_school(to: School, proposed: TeacherTransferred) -> None:
    """A teacher is transferred to an open school, in its district."""
    taking_people(to)
    in_its_district(to, proposed.to_district)


def left_their_post(appointment: Appointment, proposed: TeacherLeft) -> None:
    """A teacher can leave only an appointment that they hold, at the school where it is."""
    holds(appointment, proposed.person, proposed.school, proposed.district)


def awarded_by_then(proposed: QualificationAwarded) -> None:
    """A qualification is reported no earlier than the day on which it is awarded."""
    refuse_if(
        proposed.awarded > proposed.day,
        "awarded-later",
        f"{proposed.qualification} is not awarded until {proposed.awarded}",
    )


RULES = (
    new_number(
        "appointment",
        TeacherAppointed,
        "appointment-taken",
        name="appointed_once",
        sentence="An appointment number is assigned only once.",
    ),
    Rule(appointed_at_open_school, SCHOOL),
    Rule(appointed_of_age, ever(POSTS), ROLL_RULES),
    Rule(no_pupil_of_a_compulsory_stage, PLACE, ROLL_RULES),
    Rule(no_post_in_a_compulsory_stage, POSTS, ROLL_RULES),
    Rule(transferred_from_their_post, APPOINTMENT),
    Rule(transferred_to_open_school, of(SCHOOL, "to_school")),
    Rule(left_their_post, APPOINTMENT),
    new_number(
        "qualification",
        QualificationAwarded,
        "qualification-awarded",
        name="awarded_once",
        sentence="The number of a teaching qualification is assigned only once.",
    ),
    Rule(awarded_by_then),
)
