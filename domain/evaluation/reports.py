"""Rules of reports: settled, confirmed, signed and final; then only corrected, and released under a policy."""

from __future__ import annotations

from msgspec.structs import replace

from domain.evaluation.entries import open_to_change, publicity
from domain.evaluation.published import POLICIES, Policies, Terms, last_day_to_object
from domain.evaluation.standing import POST, PUPIL, Post, Pupil, at_last_school, in_post
from domain.evaluation.state import ENTRIES, REPORTS, Entries, Entry, Making, Reports
from domain.rule import Refused, Revision, Rule, data, of, refuse_if
from events.calendar import CALENDAR, Calendar
from events.evaluation.published import EVALUATION_TERMS
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
    SelfStatementWritten,
)


def made_by_their_school(pupil: Pupil, terms: Terms, proposed: Making) -> None:
    """A report is made at the school whose roll the pupil is on, or by the one that they left, for the published days."""
    found = terms.on(proposed.day)
    days = found.days_after_graduation if found else 0
    at_last_school(pupil, proposed.school, proposed.district, proposed.day, days)


def written_before_confirmation(reports: Reports, proposed: SelfStatementWritten | ReportConfirmed) -> None:
    """The self-statement is written, and the report confirmed, only while the report is neither confirmed nor final."""
    open_to_change(reports.of(proposed.semester), proposed.semester)


def confirmed_with_statement(reports: Reports, proposed: ReportConfirmed) -> None:
    """A pupil confirms a report only if it has a self-statement."""
    refuse_if(
        not reports.of(proposed.semester).written,
        "statement-missing",
        f"there is no self-statement for {proposed.semester}",
    )


def everything_settled(
    entries: Entries, terms: Terms, calendar: Calendar, proposed: ReportConfirmed | EvaluationFinalised
) -> None:
    """Before a report is confirmed or final, objections are settled, objection periods over and measurements confirmed."""
    for number, entry in entries.of(proposed.semester).items():
        if not entry.struck:
            _settled(number, entry, terms, calendar, proposed.day)


def _settled(number: str, entry: Entry, terms: Terms, calendar: Calendar, day: str) -> None:
    refuse_if(entry.contested, "entry-contested", f"the objection to the entry {number} is not settled")
    if publicity(terms, entry) != "posted":
        refuse_if(not entry.confirmed, "entry-unconfirmed", f"the pupil has not confirmed the entry {number}")
    elif entry.posted:
        last = last_day_to_object(terms, calendar, entry.posted)
        refuse_if(day <= last, "objection-period", f"the entry {number} can be contested until {last}")
    else:
        refuse_if(entry.selected, "not-posted", f"the entry {number} is selected but has not been posted")


def signed_in_order(reports: Reports, proposed: ReportSigned) -> None:
    """The pupil confirms the report, then the class teacher signs it, then the principal, each once."""
    report = reports.of(proposed.semester)
    refuse_if(not report.confirmed, "report-unconfirmed", "the pupil has not confirmed the report")
    refuse_if(proposed.signer in report.signers, "report-signed", f"the {proposed.signer} has already signed")
    refuse_if(
        proposed.signer == "principal" and "class-teacher" not in report.signers,
        "class-teacher-first",
        "the class teacher must sign before the principal",
    )


def signed_in_office(post: Post, proposed: ReportSigned | ReportReturned) -> None:
    """A person who signs or returns a report as class teacher or principal is appointed as such at the school."""
    in_post(post, proposed.school, wanted=proposed.signer)


def returned_before_final(reports: Reports, proposed: ReportReturned) -> None:
    """A report is returned after the pupil has confirmed it and before it is final."""
    report = reports.of(proposed.semester)
    refuse_if(report.final, "evaluation-final", f"the evaluation of {proposed.semester} is final")
    refuse_if(not report.confirmed, "report-unconfirmed", "the pupil has not confirmed the report")


def final_when_signed(reports: Reports, proposed: EvaluationFinalised) -> None:
    """An evaluation becomes final once, after the class teacher and the principal have signed the report."""
    report = reports.of(proposed.semester)
    refuse_if(report.final, "evaluation-final", f"the evaluation of {proposed.semester} is already final")
    missing = sorted({"class-teacher", "principal"} - report.signers)
    refuse_if(missing, "signature-missing", f"the report is not signed by: {', '.join(missing)}")


def corrected_after_final(reports: Reports, proposed: EvaluationCorrected) -> None:
    """Only a final evaluation is corrected, by the school that made it final."""
    report = reports.of(proposed.semester)
    refuse_if(not report.final, "not-final", f"the evaluation of {proposed.semester} is not final")
    refuse_if(
        report.school != proposed.school, "other-school", f"the evaluation was made final by {report.school}"
    )


def corrects_something(entries: Entries, proposed: EvaluationCorrected) -> None:
    """A correction strikes an entry of the report, or gives new content to an entry or to the self-statement."""
    if proposed.entry is None:
        refuse_if(proposed.strikes or proposed.kind, "entry-missing", "the correction names no entry")
    else:
        entry = _reported(entries, proposed.semester, proposed.entry)
        refuse_if(
            entry.kind != proposed.kind, "other-entry", f"the entry {proposed.entry} is of kind {entry.kind}"
        )
    sentence, gives = (
        "a correction either strikes an entry or gives new content",
        proposed.content is not None,
    )
    refuse_if(not proposed.strikes and not gives, "nothing-corrected", sentence)
    refuse_if(proposed.strikes and gives, "struck-and-changed", sentence)


def _reported(entries: Entries, semester: str, number: str) -> Entry:
    entry = entries.of(semester).get(number)
    if entry is None or not entry.reported:
        raise Refused("not-in-report", f"the report of {semester} has no entry {number}")
    return entry


def reaches_every_receiver(
    entries: Entries, reports: Reports, terms: Terms, proposed: EvaluationCorrected
) -> None:
    """A correction reaches every receiver of the report and nobody else; private content stays at the school."""
    owed = owed_to(entries, reports, terms, proposed)
    left_out, too_many = sorted(owed - set(proposed.receivers)), sorted(set(proposed.receivers) - owed)
    refuse_if(left_out, "receiver-left-out", f"the correction does not reach: {', '.join(left_out)}")
    refuse_if(too_many, "not-a-receiver", f"the corrected content was not released to: {', '.join(too_many)}")


def owed_to(entries: Entries, reports: Reports, terms: Terms, proposed: EvaluationCorrected) -> set[str]:
    """Return the receivers that a correction must reach."""
    entry = entries.of(proposed.semester).get(proposed.entry or "")
    if entry is not None and publicity(terms, entry) == "private":
        return set()
    return set(reports.of(proposed.semester).receivers)


def released_when_final(reports: Reports, proposed: EvaluationReleased) -> None:
    """Only final evaluations are released, each once to a receiver for a candidate; a correction needs no new release."""
    refuse_if(not proposed.semesters, "nothing-released", "a release names at least one semester")
    for semester in proposed.semesters:
        report = reports.of(semester)
        refuse_if(not report.final, "not-final", f"the evaluation of {semester} is not final")
        refuse_if(
            proposed.candidate in report.receivers.get(proposed.receiver, ()),
            "released",
            f"{proposed.receiver} has already received the evaluation of {semester} for {proposed.candidate}",
        )


def released_under_a_policy(policies: Policies, proposed: EvaluationReleased) -> None:
    """A release names a use policy of the receiver that is in force, and tells exactly its dimensions (高校使用办法)."""
    told = policies.valid(proposed.policy, proposed.day).dimensions
    refuse_if(
        sorted(proposed.dimensions) != sorted(told),
        "other-dimensions",
        f"under the policy {proposed.policy} are released: {', '.join(told)}",
    )


RULES = (
    Rule(made_by_their_school, PUPIL, EVALUATION_TERMS),
    Rule(written_before_confirmation, REPORTS),
    Rule(confirmed_with_statement, REPORTS),
    Rule(signed_in_order, REPORTS),
    Rule(signed_in_office, of(POST, "appointment")),
    Rule(returned_before_final, REPORTS),
    Rule(final_when_signed, REPORTS),
    Rule(everything_settled, ENTRIES, EVALUATION_TERMS, CALENDAR),
    Rule(corrected_after_final, REPORTS),
    Rule(corrects_something, ENTRIES),
    Rule(reaches_every_receiver, ENTRIES, REPORTS, EVALUATION_TERMS),
    Rule(released_when_final, REPORTS),
    Rule(released_under_a_policy, data(POLICIES)),
)


def reaching_those_who_received_it(
    entries: Entries, reports: Reports, terms: Terms, proposed: EvaluationCorrected
) -> EvaluationCorrected:
    """A correction reaches only those who would have received the report."""
    owed = owed_to(entries, reports, terms, proposed)
    return replace(proposed, receivers=[each for each in proposed.receivers if each in owed])


REVISIONS = (Revision(reaching_those_who_received_it, ENTRIES, REPORTS, EVALUATION_TERMS),)
