"""Rules of the school roll (学籍管理): plan 二(2), and the stage table and limits that are published as data."""

from __future__ import annotations

from msgspec import Struct, field

from domain.dated import in_force
from domain.rule import Refused, Rule, data, of, refuse_if
from events.clock import days_between, plus_working_days
from events.fold import Fold
from events.roll import (
    RollRulesPublished,
    SchoolClosed,
    SchoolDetailsChanged,
    SchoolRegistered,
    SchoolsMerged,
    Stage,
    StageTerms,
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentTransferred,
    StudentWithdrawn,
    TransferConsented,
    TransferRefused,
    TransferRequested,
)


class Regulation(Struct):
    """The versions of the roll's published rules."""

    name: str
    versions: list[RollRulesPublished] = field(default_factory=list)

    def terms(self, day: str) -> RollRulesPublished:
        """Return what is in force on a day. Raises Refused where nothing is."""
        found = in_force(self.versions, day)
        if found is None:
            raise Refused("no-roll-rules", f"no rules of the roll are in force on {day}")
        return found

    def stage(self, stage: Stage, day: str) -> StageTerms:
        """Return the terms of a stage on a day. Raises Refused where the table has no such stage."""
        for each in self.terms(day).stages:
            if each.stage == stage:
                return each
        raise Refused("no-such-stage", f"the stage table in force on {day} has no {stage}")


def regulation(state: Regulation, event: RollRulesPublished) -> None:
    """Keep every version; which one counts is a question of the day."""
    state.versions.append(event)


REGULATION = Fold("rules", Regulation, regulation)
ROLL_RULES = data(REGULATION, "roll")


class School(Struct):
    """What rules need to know of a school."""

    school: str
    district: str = ""
    stages: list[Stage] = field(default_factory=list)
    into: str = ""
    closed: bool = False


def school(
    state: School, event: SchoolRegistered | SchoolDetailsChanged | SchoolsMerged | SchoolClosed
) -> None:
    """Follow a school from registration to its end."""
    match event:
        case SchoolRegistered():
            state.district, state.stages = event.district, event.stages
        case SchoolDetailsChanged():
            state.stages = state.stages if event.stages is None else event.stages
        case SchoolsMerged() if event.school == state.school:
            state.into = event.into
        case SchoolClosed():
            state.closed = True


SCHOOL = Fold("school", School, school)


class Place(Struct):
    """Where a pupil is on a roll, if anywhere."""

    person: str
    school: str = ""
    district: str = ""
    stage: Stage = "primary"
    grade: int = 0
    leave_until: str = ""


def place(
    state: Place,
    event: StudentEnrolled
    | StudentPromoted
    | StudentTransferred
    | StudentLeaveStarted
    | StudentResumed
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft,
) -> None:
    """Follow a pupil's roll entry; no school means no live entry."""
    match event:
        case StudentEnrolled():
            state.school, state.district = event.school, event.district
            state.stage, state.grade = event.stage, event.grade
        case StudentPromoted():
            state.grade = event.to_grade
        case StudentTransferred():
            state.school, state.district, state.grade = event.to_school, event.to_district, event.grade
        case StudentLeaveStarted():
            state.leave_until = event.until
        case StudentResumed():
            state.leave_until = ""
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            state.school = state.district = state.leave_until = ""


PLACE = Fold("person", Place, place)


class Transfer(Struct):
    """A request for a transfer, and who has consented to it."""

    transfer: str
    person: str = ""
    from_school: str = ""
    to_school: str = ""
    requested: str = ""
    consents: set[str] = field(default_factory=set)
    ended: bool = False


def transfer(
    state: Transfer, event: TransferRequested | TransferConsented | TransferRefused | StudentTransferred
) -> None:
    """Follow a request until it is refused or carried out."""
    match event:
        case TransferRequested():
            state.person, state.requested = event.person, event.day
            state.from_school, state.to_school = event.from_school, event.to_school
        case TransferConsented():
            state.consents.add(event.by)
        case TransferRefused() | StudentTransferred():
            state.ended = True


TRANSFER = Fold("transfer", Transfer, transfer)


def new_school(school: School, proposed: SchoolRegistered) -> None:
    """A school is registered once."""
    refuse_if(school.district, "school-registered", f"{proposed.school} is registered already")


def school_exists(school: School, proposed: SchoolDetailsChanged | SchoolsMerged | SchoolClosed) -> None:
    """Only a registered, open school changes, merges or closes."""
    taking_people(school)


def survivor_exists(into: School, proposed: SchoolsMerged) -> None:
    """A school merges into another that is open."""
    refuse_if(proposed.school == proposed.into, "merged-into-itself", "a school merges into another one")
    taking_people(into)


def taking_people(school: School) -> None:
    """Refuse where a school is not registered, has closed or has merged (关闭学校不得招生)."""
    refuse_if(not school.district, "unknown-school", f"no school {school.school} is registered")
    refuse_if(school.closed, "school-closed", f"{school.school} has closed")
    refuse_if(school.into, "school-merged", f"{school.school} has merged into {school.into}")


def one_live_entry(place: Place, proposed: StudentEnrolled) -> None:
    """一人一籍: at most one live entry a person, whatever the stage (plan, 二(2))."""
    refuse_if(place.school, "already-on-a-roll", f"the pupil is on the roll of {place.school}")


def enrolled_where_taught(school: School, regulation: Regulation, proposed: StudentEnrolled) -> None:
    """A school enrols into the stages that it teaches, into grades that the stage table has for them."""
    taking_people(school)
    in_its_district(school, proposed.district)
    refuse_if(
        proposed.stage not in school.stages,
        "stage-not-taught",
        f"{proposed.school} does not teach {proposed.stage}",
    )
    grade_of_stage(regulation.stage(proposed.stage, proposed.day), proposed.grade)


def in_its_district(school: School, district: str) -> None:
    """Refuse where the district told is not the school's."""
    refuse_if(
        district != school.district,
        "other-district",
        f"{school.school} belongs to district {school.district}, not {district}",
    )


def grade_of_stage(terms: StageTerms, grade: int) -> None:
    """Refuse a grade that the stage table does not give to the stage."""
    refuse_if(
        not terms.first_grade <= grade <= terms.last_grade,
        "grade-outside-stage",
        f"{terms.stage} has the grades {terms.first_grade} to {terms.last_grade}, not {grade}",
    )


def on_the_roll_of(place: Place, school: str, district: str | None = None, grade: int | None = None) -> None:
    """Refuse unless the pupil's live entry is the one that the event tells."""
    refuse_if(not place.school, "not-on-a-roll", f"the pupil {place.person} is on no roll")
    refuse_if(
        place.school != school,
        "on-another-roll",
        f"the pupil is on the roll of {place.school}, not of {school}",
    )
    refuse_if(district not in (None, place.district), "other-district", f"the entry is in {place.district}")
    refuse_if(grade not in (None, place.grade), "other-grade", f"the pupil is in grade {place.grade}")


def not_on_leave(place: Place) -> None:
    """Refuse while the pupil is on leave (休学)."""
    refuse_if(place.leave_until, "on-leave", f"the pupil is on leave until {place.leave_until}")


def promoted_within_stage(place: Place, regulation: Regulation, proposed: StudentPromoted) -> None:
    """A pupil goes up one grade, within the stage, and not from leave."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.from_grade)
    not_on_leave(place)
    refuse_if(proposed.to_grade != proposed.from_grade + 1, "not-one-grade", "a promotion is by one grade")
    grade_of_stage(regulation.stage(place.stage, proposed.day), proposed.to_grade)


def requested_from_their_roll(place: Place, proposed: TransferRequested) -> None:
    """A transfer is asked from the roll that the pupil is on, and not during leave."""
    on_the_roll_of(place, proposed.from_school, grade=proposed.grade)
    not_on_leave(place)
    refuse_if(proposed.from_school == proposed.to_school, "same-school", "a transfer is to another school")


def requested_once(transfer: Transfer, proposed: TransferRequested) -> None:
    """A request has a number of its own."""
    refuse_if(transfer.person, "transfer-requested", f"{proposed.transfer} is requested already")


def receiving_school_takes(school: School, proposed: TransferRequested) -> None:
    """A closed or merged school takes nobody."""
    taking_people(school)


def answered_in_time(
    transfer: Transfer, regulation: Regulation, proposed: TransferConsented | TransferRefused
) -> None:
    """Consent is given or refused once, while the request is open, within the published working days."""
    refuse_if(not transfer.person, "unknown-transfer", f"no transfer {proposed.transfer} is requested")
    refuse_if(transfer.ended, "transfer-ended", f"the request {proposed.transfer} has ended")
    refuse_if(proposed.by in transfer.consents, "consented", f"{proposed.by} has consented already")
    terms = regulation.terms(transfer.requested)
    last = plus_working_days(transfer.requested, terms.consent_working_days, frozenset(terms.holidays))
    refuse_if(proposed.day > last, "too-late", f"the time to answer ended on {last}")


def transferred_with_consent(
    place: Place, transfer: Transfer, left: School, proposed: StudentTransferred
) -> None:
    """A transfer needs its request and every consent, or a merger of the two schools."""
    on_the_roll_of(place, proposed.from_school, proposed.from_district, proposed.grade)
    not_on_leave(place)
    refuse_if(proposed.stage != place.stage, "other-stage", f"the entry is in {place.stage}")
    if proposed.transfer is None:
        refuse_if(
            left.into != proposed.to_school,
            "no-request",
            "without a request, a transfer follows a merger of the schools",
        )
        return
    asked = (proposed.person, proposed.from_school, proposed.to_school)
    refuse_if(transfer.ended, "transfer-ended", f"the request {proposed.transfer} has ended")
    refuse_if(
        (transfer.person, transfer.from_school, transfer.to_school) != asked,
        "not-requested",
        f"{proposed.transfer} requests no such transfer",
    )
    needed = {"sending-school", "sending-district"}
    if proposed.from_district != proposed.to_district:
        needed.add("receiving-district")
    missing = sorted(needed - transfer.consents)
    refuse_if(missing, "consent-missing", f"consent is missing from: {', '.join(missing)}")


def transferred_where_taught(to: School, regulation: Regulation, proposed: StudentTransferred) -> None:
    """The receiving school is open, teaches the stage, and the grade is one of the stage's."""
    taking_people(to)
    in_its_district(to, proposed.to_district)
    refuse_if(
        proposed.stage not in to.stages, "stage-not-taught", f"{to.school} does not teach {proposed.stage}"
    )
    grade_of_stage(regulation.stage(proposed.stage, proposed.day), proposed.grade)


def leave_from_the_roll(place: Place, regulation: Regulation, proposed: StudentLeaveStarted) -> None:
    """Leave is taken from the roll that the pupil is on, at most for the published time."""
    on_the_roll_of(place, proposed.school)
    not_on_leave(place)
    length = days_between(proposed.day, proposed.until)
    longest = regulation.terms(proposed.day).leave_days
    refuse_if(not 0 < length <= longest, "leave-too-long", f"leave lasts from 1 to {longest} days")


def resumed_from_leave(place: Place, proposed: StudentResumed) -> None:
    """Only a pupil on leave comes back from it."""
    on_the_roll_of(place, proposed.school)
    refuse_if(not place.leave_until, "not-on-leave", "the pupil is not on leave")


def no_withdrawal_in_compulsory_grades(
    place: Place, regulation: Regulation, proposed: StudentWithdrawn
) -> None:
    """Nobody withdraws from compulsory schooling (义务教育法); a dropout keeps the entry."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade)
    terms = regulation.stage(place.stage, proposed.day)
    refuse_if(terms.compulsory, "compulsory", f"{place.stage} is compulsory; nobody withdraws from it")


def graduated_from_last_grade(place: Place, regulation: Regulation, proposed: StudentGraduated) -> None:
    """A pupil graduates from the last grade of the stage, and not from leave."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade)
    not_on_leave(place)
    last = regulation.stage(place.stage, proposed.day).last_grade
    refuse_if(proposed.stage != place.stage, "other-stage", f"the entry is in {place.stage}")
    refuse_if(proposed.grade != last, "not-last-grade", f"{place.stage} ends with grade {last}")


def left_their_roll(place: Place, proposed: StudentLeft) -> None:
    """A pupil leaves only the roll they are on."""
    on_the_roll_of(place, proposed.school, proposed.district, proposed.grade)


RULES = (
    Rule(new_school, SCHOOL),
    Rule(school_exists, SCHOOL),
    Rule(survivor_exists, of(SCHOOL, "into")),
    Rule(one_live_entry, PLACE),
    Rule(enrolled_where_taught, SCHOOL, ROLL_RULES),
    Rule(promoted_within_stage, PLACE, ROLL_RULES),
    Rule(requested_from_their_roll, PLACE),
    Rule(requested_once, TRANSFER),
    Rule(receiving_school_takes, of(SCHOOL, "to_school")),
    Rule(answered_in_time, TRANSFER, ROLL_RULES),
    Rule(transferred_with_consent, PLACE, TRANSFER, of(SCHOOL, "from_school")),
    Rule(transferred_where_taught, of(SCHOOL, "to_school"), ROLL_RULES),
    Rule(leave_from_the_roll, PLACE, ROLL_RULES),
    Rule(resumed_from_leave, PLACE),
    Rule(no_withdrawal_in_compulsory_grades, PLACE, ROLL_RULES),
    Rule(graduated_from_last_grade, PLACE, ROLL_RULES),
    Rule(left_their_roll, PLACE),
)
