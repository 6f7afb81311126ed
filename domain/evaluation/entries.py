"""Rules of entries: who may enter what, when, and how an entry gets into the report."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from domain.evaluation.practice import ATTENDANCE, Attendance
from domain.evaluation.published import WINDOW, Terms, Window, kind_on, last_day_to_object, terms_on
from domain.evaluation.standing import MERGER, POST, PUPIL, Merger, Post, Pupil, at_school, in_post
from domain.evaluation.state import (
    ENTRIES,
    REPORTS,
    Entries,
    Entry,
    EntryStep,
    Report,
    Reports,
)
from domain.number import new_number
from domain.rule import Revision, Rule, TooEarly, data, look_up, of, refuse_if, too_early_if
from events.calendar import CALENDAR, Calendar
from events.dated import Versions
from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryPosted,
    EntrySelected,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.published import EVALUATION_TERMS
from events.roll.published import ROLL_RULES, RollRulesPublished

RollRules: TypeAlias = Versions[RollRulesPublished]


def open_to_change(report: Report, semester: str) -> None:
    """Refuse if the semester's report is confirmed or final."""
    refuse_if(
        report.final, "evaluation-final", f"the evaluation of {semester} is final and can only be corrected"
    )
    refuse_if(
        report.confirmed, "report-confirmed", f"the pupil has already confirmed the report of {semester}"
    )


def entry_of(entries: Entries, proposed: EntryStep) -> Entry:
    """Return the entry of a step. Raises TooEarly if there is none, Refused if it differs or is struck."""
    entry = look_up(
        entries.of(proposed.semester),
        proposed.entry,
        "unknown-entry",
        f"{proposed.person} has no entry {proposed.entry} in {proposed.semester}",
    )
    refuse_if(
        (proposed.school, proposed.district, proposed.kind) != (entry.school, entry.district, entry.kind),
        "other-entry",
        f"the entry {proposed.entry} was recorded by {entry.school} in {entry.district} as {entry.kind}",
    )
    refuse_if(entry.struck, "entry-struck", f"the entry {proposed.entry} is struck")
    return entry


def publicity(terms: Terms, entry: Entry) -> str:
    """Return how an entry becomes public, by the terms in force on the day it was recorded."""
    return kind_on(terms, entry.kind, entry.recorded).publicity


def inside_the_window(
    window: Window, proposed: EvaluationEntryRecorded | EntryVerified | EntrySelected | EntryPosted
) -> None:
    """Entries are recorded, verified, selected and posted within the city's recording window for the semester.

    The window is that which was set by the day of the entry; a later setting opens no day that has passed.
    """
    found = window.on(proposed.day)
    if found is None:
        raise TooEarly("unknown-window", f"no recording window is set for {window.semester}")
    refuse_if(
        not found.opens <= proposed.day <= found.closes,
        "outside-window",
        f"the recording window of {window.semester} is open from {found.opens} to {found.closes}",
    )


def recorded_by_their_school(pupil: Pupil, proposed: EvaluationEntryRecorded) -> None:
    """An entry is recorded by the school whose roll the pupil is on."""
    at_school(pupil, proposed.school, proposed.district)


def recorded_before_confirmation(reports: Reports, proposed: EvaluationEntryRecorded) -> None:
    """No entry is recorded for a semester whose report is confirmed or final."""
    open_to_change(reports.of(proposed.semester), proposed.semester)


def entered_by_whom_the_terms_let(
    terms: Terms, attendance: Attendance, proposed: EvaluationEntryRecorded
) -> None:
    """An entry follows the published terms of its kind: who enters it, its dimension, and whether it needs an activity."""
    kind = kind_on(terms, proposed.kind, proposed.day)
    refuse_if(
        proposed.entered_by not in kind.entered_by,
        "may-not-enter",
        f"{kind.kind} may only be entered by: {', '.join(kind.entered_by)}",
    )
    refuse_if(
        proposed.dimension != kind.dimension, "other-dimension", f"{kind.kind} belongs to {kind.dimension}"
    )
    refuse_if(
        kind.rests_on_activity and proposed.activity is None,
        "activity-missing",
        f"an entry of kind {kind.kind} must name its activity",
    )
    too_early_if(
        proposed.activity is not None and proposed.activity not in attendance.activities,
        "unknown-attendance",
        f"{proposed.person} has not attended {proposed.activity}",
    )


def step_before_confirmation(entries: Entries, reports: Reports, proposed: EntryStep) -> None:
    """A step names an entry as it was recorded; the entry is not struck, and its report is not yet confirmed."""
    open_to_change(reports.of(proposed.semester), proposed.semester)
    entry_of(entries, proposed)


def kind_of_its_stage(pupil: Pupil, terms: Terms, roll: RollRules, proposed: EvaluationEntryRecorded) -> None:
    """A kind of entry is recorded in the stages that the terms list; else in compulsory stages and upper secondary.

    Children in kindergarten (幼儿园) are never evaluated.
    """
    stage = pupil.entry.stage
    table = roll.on(proposed.day)
    usual = {each.stage for each in (table.stages if table else ()) if each.compulsory} | {"upper-secondary"}
    stages = set(kind_on(terms, proposed.kind, proposed.day).stages) or usual
    refuse_if(
        pupil.entry.school and stage not in stages - {"kindergarten"},
        "not-for-this-stage",
        f"entries of kind {proposed.kind} are not recorded in {stage}",
    )


def on_its_evidence(terms: Terms, proposed: EvaluationEntryRecorded) -> None:
    """Where the terms list what proves a kind of entry, an entry cites an event of one of these types, and says which."""
    admits = kind_on(terms, proposed.kind, proposed.day).evidence_kinds
    refuse_if(
        admits and proposed.evidence is None,
        "evidence-missing",
        f"an entry of kind {proposed.kind} cites: {' or '.join(admits)}",
    )
    refuse_if(
        admits and proposed.evidence_kind not in admits,
        "evidence-not-admissible",
        f"an entry of kind {proposed.kind} is proved by {' or '.join(admits)}, not {proposed.evidence_kind}",
    )


def selected_within(entries: Entries, terms: Terms, proposed: EntrySelected) -> None:
    """A pupil selects at most the published number of entries of a kind for the report of a semester."""
    chosen = sum(
        each.selected and not each.struck and each.kind == proposed.kind
        for each in entries.of(proposed.semester).values()
    )
    for each in terms_on(terms, proposed.day).at_most:
        refuse_if(
            each.kind == proposed.kind and chosen >= each.count,
            "too-many-selected",
            f"at most {each.count} entries of kind {each.kind} are selected in a semester",
        )


def verified_by_its_post(entries: Entries, terms: Terms, post: Post, proposed: EntryVerified) -> None:
    """Where the terms list who verifies a kind of entry, the appointment is to one of these posts."""
    entry = entry_of(entries, proposed)
    verifiers = kind_on(terms, entry.kind, entry.recorded).verifiers
    refuse_if(
        verifiers and post.post not in verifiers,
        "post-does-not-verify",
        f"entries of kind {entry.kind} are verified by: {', '.join(verifiers)}; the appointment is as {post.post}",
    )


def verified_once_by_a_teacher(
    entries: Entries, post: Post, merger: Merger, pupil: Pupil, proposed: EntryVerified
) -> None:
    """An entry is verified once, by a person appointed at its school, where that has merged into, or where the pupil is."""
    refuse_if(
        entry_of(entries, proposed).verified,
        "entry-verified",
        f"the entry {proposed.entry} is already verified",
    )
    in_post(post, proposed.school, merger.into, pupil.entry.school)


def selected_once(entries: Entries, terms: Terms, proposed: EntrySelected) -> None:
    """A pupil selects an entry once, and only an entry of a kind that is posted."""
    entry = entry_of(entries, proposed)
    not_kept_from_notice(terms, entry)
    refuse_if(entry.selected, "entry-selected", f"the entry {proposed.entry} is already selected")


def posted_when_verified_and_selected(entries: Entries, terms: Terms, proposed: EntryPosted) -> None:
    """An entry is posted once, after it is verified and selected; measurements and private content never are."""
    entry = entry_of(entries, proposed)
    not_kept_from_notice(terms, entry)
    refuse_if(not entry.verified, "not-verified", f"the entry {proposed.entry} is not verified")
    refuse_if(not entry.selected, "not-selected", f"the entry {proposed.entry} is not selected")
    refuse_if(
        entry.posted, "entry-posted", f"the entry {proposed.entry} was already posted on {entry.posted}"
    )


def not_kept_from_notice(terms: Terms, entry: Entry) -> None:
    """Refuse an entry whose kind is not put on public notice."""
    kept = publicity(terms, entry)
    refuse_if(
        kept != "posted", "never-posted", f"entries of kind {entry.kind} are {kept} and are never posted"
    )


def contested_in_the_objection_period(
    entries: Entries, terms: Terms, calendar: Calendar, proposed: EntryContested
) -> None:
    """A posted entry is contested within the objection period (公示期), any other only by the pupil or a guardian."""
    entry = entry_of(entries, proposed)
    if publicity(terms, entry) == "posted":
        refuse_if(not entry.posted, "not-posted", f"the entry {proposed.entry} is not posted")
        last = last_day_to_object(terms, calendar, entry.posted)
        refuse_if(proposed.day > last, "objection-period-over", f"the objection period ended on {last}")
    else:
        theirs = proposed.by in ("pupil", "guardian")
        refuse_if(
            not theirs, "not-theirs", "only the pupil or a guardian can contest an entry that is not posted"
        )


def upheld_when_contested(entries: Entries, proposed: EntryUpheld) -> None:
    """Only a contested entry can be upheld."""
    entry = entry_of(entries, proposed)
    refuse_if(not entry.contested, "not-contested", f"the entry {proposed.entry} is not contested")


def confirmed_by_the_pupil(entries: Entries, terms: Terms, proposed: EntryConfirmed) -> None:
    """A pupil confirms an entry once, and only one that is not posted: a measurement or private content."""
    entry = entry_of(entries, proposed)
    refuse_if(
        publicity(terms, entry) == "posted",
        "posted-instead",
        f"entries of kind {entry.kind} are posted, not confirmed",
    )
    refuse_if(
        entry.contested, "entry-contested", f"the objection to the entry {proposed.entry} is not settled"
    )
    refuse_if(entry.confirmed, "entry-confirmed", f"the entry {proposed.entry} is already confirmed")


RULES = (
    Rule(inside_the_window, data(of(WINDOW, "semester"))),
    Rule(recorded_by_their_school, PUPIL),
    new_number(
        "entry",
        EvaluationEntryRecorded,
        "entry-recorded",
        name="new_entry",
        sentence="An entry number is assigned only once.",
    ),
    Rule(recorded_before_confirmation, REPORTS),
    Rule(entered_by_whom_the_terms_let, EVALUATION_TERMS, ATTENDANCE),
    Rule(step_before_confirmation, ENTRIES, REPORTS),
    Rule(kind_of_its_stage, PUPIL, EVALUATION_TERMS, ROLL_RULES),
    Rule(on_its_evidence, EVALUATION_TERMS),
    Rule(verified_once_by_a_teacher, ENTRIES, of(POST, "appointment"), MERGER, PUPIL),
    Rule(verified_by_its_post, ENTRIES, EVALUATION_TERMS, of(POST, "appointment")),
    Rule(selected_within, ENTRIES, EVALUATION_TERMS),
    Rule(selected_once, ENTRIES, EVALUATION_TERMS),
    Rule(posted_when_verified_and_selected, ENTRIES, EVALUATION_TERMS),
    Rule(contested_in_the_objection_period, ENTRIES, EVALUATION_TERMS, CALENDAR),
    Rule(upheld_when_contested, ENTRIES),
    Rule(confirmed_by_the_pupil, ENTRIES, EVALUATION_TERMS),
)


def in_the_dimension_of_its_kind(terms: Terms, proposed: EvaluationEntryRecorded) -> EvaluationEntryRecorded:
    """The published terms decide the dimension of each kind of entry."""
    return replace(proposed, dimension=kind_on(terms, proposed.kind, proposed.day).dimension)


REVISIONS = (Revision(in_the_dimension_of_its_kind, EVALUATION_TERMS),)
