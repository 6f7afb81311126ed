"""A pupil's open requests for transfers: one at a time, until it is carried out, ended, withdrawn or lapsed."""

from __future__ import annotations

from msgspec import Struct, field

from domain.roll.published import RollRules, rules_on
from domain.rule import Rule, refuse_if
from events.calendar import CALENDAR, Calendar, plus_working_days
from events.clock import plus_days
from events.fold import Fold
from events.roll.published import ROLL_RULES
from events.roll.pupils import StudentGraduated, StudentLeft, StudentWithdrawn
from events.roll.transfers import (
    StudentTransferred,
    TransferConsented,
    TransferRefused,
    TransferRequested,
    TransferWithdrawn,
)

SENDING = frozenset({"sending-school", "sending-district"})
"""Whose consents every transfer needs."""


class Asked(Struct):
    """An open request: the roll that it is from, its day, who has consented, and the day of the last consent."""

    from_school: str
    requested: str
    consents: set[str] = field(default_factory=set)
    last: str = ""


class Requests(Struct):
    """A person's open requests by number, and the numbers of those that have ended."""

    person: str
    open: dict[str, Asked] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


EntryEnds = StudentTransferred | StudentWithdrawn | StudentGraduated | StudentLeft


def requests(
    state: Requests,
    event: TransferRequested | TransferConsented | TransferRefused | TransferWithdrawn | EntryEnds,
) -> None:
    """Follow requests; an entry that ends, or goes elsewhere, ends the requests from its roll."""
    match event:
        case TransferRequested():
            state.open[event.transfer] = Asked(event.from_school, event.day)
        case TransferConsented():
            if asked := state.open.get(event.transfer):
                asked.consents.add(event.by)
                asked.last = max(asked.last, event.day)
        case TransferRefused() | TransferWithdrawn():
            _end(state, event.transfer)
        case StudentTransferred():
            _end_from(state, event.from_school)
        case _:
            _end_from(state, event.school)


def _end(state: Requests, transfer: str) -> None:
    if state.open.pop(transfer, None):
        state.ended.add(transfer)


def _end_from(state: Requests, school: str) -> None:
    for each in [number for number, asked in state.open.items() if asked.from_school == school]:
        _end(state, each)


REQUESTS = Fold("person", Requests, requests, steps=True)


def lapses_on(asked: Asked, rules: RollRules, calendar: Calendar) -> str | None:
    """Return the last day of a request: of the consents, or of carrying it out; None if that has no limit."""
    terms = rules_on(rules, asked.requested)
    if not asked.consents.issuperset(SENDING):
        return plus_working_days(calendar, asked.requested, terms.consent_working_days)
    return None if terms.carry_out_days is None else plus_days(asked.last, terms.carry_out_days)


def one_open_request(
    requests: Requests, rules: RollRules, calendar: Calendar, proposed: TransferRequested
) -> None:
    """A pupil has one open request at a time; a request that was not answered or carried out in time has lapsed."""
    for number, asked in requests.open.items():
        last = lapses_on(asked, rules, calendar)
        refuse_if(
            last is None or proposed.day <= last,
            "transfer-open",
            f"the request {number} is open" + (f" until {last}" if last else ": withdraw it first"),
        )


def still_open(
    requests: Requests,
    proposed: TransferConsented | TransferRefused | TransferWithdrawn | StudentTransferred,
) -> None:
    """A request that has ended is neither answered, withdrawn nor carried out."""
    refuse_if(
        proposed.transfer in requests.ended, "transfer-ended", f"the request {proposed.transfer} has ended"
    )


RULES = (Rule(one_open_request, REQUESTS, ROLL_RULES, CALENDAR), Rule(still_open, REQUESTS))
