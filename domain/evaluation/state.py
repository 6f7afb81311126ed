"""A pupil's evaluation as rules see it: the entries and the report of each semester."""

from __future__ import annotations

from msgspec import Struct, field

from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryPosted,
    EntrySelected,
    EntryStruck,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
    SelfStatementWritten,
)
from events.evaluation.vocabulary import EntryKind
from events.fold import Fold


class Entry(Struct, omit_defaults=True):
    """How far an entry has come; `posted` is empty until it is posted."""

    school: str
    district: str
    kind: EntryKind
    recorded: str
    verified: bool = False
    selected: bool = False
    posted: str = ""
    contested: bool = False
    confirmed: bool = False
    struck: bool = False

    @property
    def reported(self) -> bool:
        """Whether the entry belongs in the report."""
        return not self.struck and (bool(self.posted) or self.confirmed)


class Entries(Struct):
    """A pupil's entries by semester; once a report is final, only the entries in it remain."""

    person: str
    semesters: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def of(self, semester: str) -> dict[str, Entry]:
        """Return the entries of a semester by number."""
        return self.semesters.get(semester, {})


EntryStep = (
    EntryVerified | EntrySelected | EntryPosted | EntryContested | EntryUpheld | EntryStruck | EntryConfirmed
)


def entries(
    state: Entries, event: EvaluationEntryRecorded | EntryStep | EvaluationFinalised | EvaluationCorrected
) -> None:
    """Follow all entries; a step changes nothing if its entry is in another person's history."""
    known = state.of(event.semester)
    match event:
        case EvaluationEntryRecorded():
            entry = Entry(event.school, event.district, event.kind, event.day)
            state.semesters.setdefault(event.semester, {})[event.entry] = entry
        case EvaluationFinalised():
            state.semesters[event.semester] = {
                number: each for number, each in known.items() if each.reported
            }
        case _ if event.entry in known:
            _step(known[event.entry], event)


def _step(entry: Entry, event: EntryStep | EvaluationCorrected) -> None:
    match event:
        case EntryVerified():
            entry.verified = True
        case EntrySelected():
            entry.selected = True
        case EntryPosted():
            entry.posted = event.day
        case EntryContested():
            entry.contested = True
        case EntryUpheld():
            entry.contested = False
        case EntryStruck():
            entry.struck, entry.contested = True, False
        case EntryConfirmed():
            entry.confirmed = True
        case EvaluationCorrected():
            entry.struck = entry.struck or event.strikes


ENTRIES = Fold("person", Entries, entries, steps=True)


class Report(Struct, omit_defaults=True):
    """How far a semester's report has come, and for which candidates each receiver has received it."""

    written: bool = False
    confirmed: bool = False
    signers: set[str] = field(default_factory=set)
    final: bool = False
    school: str = ""
    receivers: dict[str, list[str]] = field(default_factory=dict)


class Reports(Struct):
    """A pupil's reports by semester."""

    person: str
    semesters: dict[str, Report] = field(default_factory=dict)

    def of(self, semester: str) -> Report:
        """Return the report of a semester, a blank one if nothing has been written yet."""
        return self.semesters.get(semester) or Report()


Making = SelfStatementWritten | ReportConfirmed | ReportSigned | ReportReturned | EvaluationFinalised


def reports(state: Reports, event: Making | EvaluationReleased) -> None:
    """Follow a pupil's reports from the self statement to their receivers."""
    if isinstance(event, EvaluationReleased):
        for semester in event.semesters:
            report = state.semesters.setdefault(semester, Report())
            report.receivers.setdefault(event.receiver, []).append(event.candidate)
    else:
        _follow(state.semesters.setdefault(event.semester, Report()), event)


def _follow(report: Report, event: Making) -> None:
    match event:
        case SelfStatementWritten():
            report.written = True
        case ReportConfirmed():
            report.confirmed = True
        case ReportSigned():
            report.signers.add(event.signer)
        case ReportReturned():
            report.confirmed, report.signers = False, set()
        case EvaluationFinalised():
            report.final, report.school = True, event.school


REPORTS = Fold("person", Reports, reports, steps=True)
