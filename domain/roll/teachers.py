"""Teachers: appointments, each under a number of its own, and teaching qualifications (教师资格)."""

from __future__ import annotations

from msgspec import Struct

from domain.number import new_number
from domain.roll.schools import SCHOOL, School, in_its_district, taking_people
from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
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
