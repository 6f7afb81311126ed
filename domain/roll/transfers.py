"""Transfers (转学): requested by the receiving school, consented to, and only then carried out."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.roll.published import RollRules, grade_of_stage, rules_on, stage_on
from domain.roll.pupils import PLACE, Place, not_on_leave, on_the_roll_of
from domain.roll.schools import SCHOOL, School, in_its_district, taking_people
from domain.rule import Rule, of, refuse_if, too_early_if
from events.calendar import CALENDAR, Calendar, plus_working_days
from events.clock import days_between
from events.fold import Fold
from events.roll.published import ROLL_RULES
from events.roll.transfers import (
    StudentTransferred,
    TransferConsented,
    TransferRefused,
    TransferRequested,
    TransferWithdrawn,
)


class Transfer(Struct):
    """A request for a transfer, those who have consented to it, and the day of the last consent."""

    transfer: str
    person: str = ""
    from_school: str = ""
    to_school: str = ""
    requested: str = ""
    consents: set[str] = field(default_factory=set)
    consented: str = ""
    ended: bool = False


def transfer(
    state: Transfer,
    event: TransferRequested | TransferConsented | TransferRefused | TransferWithdrawn | StudentTransferred,
) -> None:
    """Follow a request until it is refused, withdrawn or carried out."""
    match event:
        case TransferRequested():
            state.person, state.requested = event.person, event.day
            state.from_school, state.to_school = event.from_school, event.to_school
        case TransferConsented():
            state.consents.add(event.by)
            state.consented = max(state.consented, event.day)
        case TransferRefused() | TransferWithdrawn() | StudentTransferred():
            state.ended = True


TRANSFER = Fold("transfer", Transfer, transfer, steps=True)


def requested_from_their_roll(place: Place, proposed: TransferRequested) -> None:
    """A transfer is requested from the roll the pupil is on, and not during leave."""
    on_the_roll_of(place, proposed.from_school, grade=proposed.grade)
    not_on_leave(place)
    refuse_if(
        proposed.from_school == proposed.to_school, "same-school", "a pupil is transferred to another school"
    )


def receiving_school_takes(school: School, proposed: TransferRequested) -> None:
    """A school that has closed or merged takes no pupils."""
    taking_people(school)


def answered_in_time(
    transfer: Transfer, rules: RollRules, calendar: Calendar, proposed: TransferConsented | TransferRefused
) -> None:
    """Each party gives or refuses consent once, while the request is open, within the published working days."""
    is_open(transfer)
    refuse_if(proposed.by in transfer.consents, "consented", f"the {proposed.by} has already consented")
    days = rules_on(rules, transfer.requested).consent_working_days
    last = plus_working_days(calendar, transfer.requested, days)
    refuse_if(proposed.day > last, "too-late", f"the request had to be answered by {last}")


def is_open(transfer: Transfer) -> None:
    """Refuse unless the request has been made and has not ended."""
    too_early_if(
        not transfer.person, "unknown-transfer", f"no transfer {transfer.transfer} has been requested"
    )
    refuse_if(transfer.ended, "transfer-ended", f"the request {transfer.transfer} has ended")


def withdrawn_while_open(transfer: Transfer, proposed: TransferWithdrawn) -> None:
    """Only an open request is withdrawn."""
    is_open(transfer)


def answered_for_its_pupil(
    transfer: Transfer, proposed: TransferConsented | TransferRefused | TransferWithdrawn
) -> None:
    """A consent, a refusal or a withdrawal names the pupil of its request."""
    refuse_if(proposed.person is None, "person-missing", "a consent names the pupil of the request")
    refuse_if(
        transfer.person not in ("", proposed.person),
        "other-person",
        f"the request {proposed.transfer} is not for {proposed.person}",
    )


def transferred_with_consent(
    place: Place, transfer: Transfer, left: School, rules: RollRules, proposed: StudentTransferred
) -> None:
    """A transfer needs a request with all consents, carried out in time, or a merger of the two schools.

    After a merger pupils on leave move too, and stay on leave.
    """
    on_the_roll_of(place, proposed.from_school, proposed.from_district, proposed.grade, proposed.stage)
    if proposed.transfer is None:
        refuse_if(
            left.into != proposed.to_school,
            "no-request",
            "a transfer without a request needs a merger of the two schools",
        )
        return
    not_on_leave(place)
    asked = (proposed.person, proposed.from_school, proposed.to_school)
    refuse_if(transfer.ended, "transfer-ended", f"the request {proposed.transfer} has ended")
    refuse_if(
        (transfer.person, transfer.from_school, transfer.to_school) != asked,
        "not-requested",
        f"the request {proposed.transfer} is for another transfer",
    )
    needed = {"sending-school", "sending-district"}
    if proposed.from_district != proposed.to_district:
        needed.add("receiving-district")
    missing = sorted(needed - transfer.consents)
    refuse_if(missing, "consent-missing", f"consent is missing from: {', '.join(missing)}")
    within = rules_on(rules, transfer.requested).carry_out_days
    refuse_if(
        within is not None and days_between(transfer.consented, proposed.day) > within,
        "consent-too-old",
        f"the last consent is of {transfer.consented}; it holds for {within} days",
    )


def transferred_where_taught(to: School, rules: RollRules, proposed: StudentTransferred) -> None:
    """The receiving school is open and teaches the stage, and the grade belongs to the stage."""
    taking_people(to)
    in_its_district(to, proposed.to_district)
    refuse_if(
        proposed.stage not in to.stages, "stage-not-taught", f"{to.school} does not teach {proposed.stage}"
    )
    grade_of_stage(stage_on(rules, proposed.stage, proposed.day), proposed.grade)


RULES = (
    Rule(requested_from_their_roll, PLACE),
    new_number(
        "transfer",
        TransferRequested,
        "transfer-requested",
        name="requested_once",
        sentence="A transfer request number is assigned only once.",
    ),
    Rule(receiving_school_takes, of(SCHOOL, "to_school")),
    Rule(answered_in_time, TRANSFER, ROLL_RULES, CALENDAR),
    Rule(withdrawn_while_open, TRANSFER),
    Rule(answered_for_its_pupil, TRANSFER),
    Rule(transferred_with_consent, PLACE, TRANSFER, of(SCHOOL, "from_school"), ROLL_RULES),
    Rule(transferred_where_taught, of(SCHOOL, "to_school"), ROLL_RULES),
)
