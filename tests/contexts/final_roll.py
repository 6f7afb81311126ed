"""Final states of the roll and of evaluation."""

from __future__ import annotations

from msgspec.structs import replace

from domain.evaluation.published import POLICIES
from domain.evaluation.standing import POST
from domain.evaluation.state import ENTRIES, REPORTS
from domain.roll.pupils import PLACE
from domain.roll.schools import SCHOOL
from domain.roll.teachers import APPOINTMENT
from domain.roll.transfers import TRANSFER
from events.evaluation import entries, published, reports
from events.roll.schools import SchoolDetailsChanged
from events.roll.teachers import TeacherLeft
from events.roll.transfers import TransferRefused
from streams.scenario import at
from tests.contexts import evaluation as ev
from tests.contexts import roll
from tests.contexts.duplicates import BEFORE
from tests.contexts.evaluation import some
from tests.contexts.final import ANOTHER, OTHERS, Case, on
from tests.contexts.persons import registered

LATER = "2023-09-01"
LIVE_IN_B = (
    replace(roll.ENROLLED, school="b", district="e"),
    replace(roll.APPOINTED, school="b", district="e"),
)
TO_A = (
    replace(roll.REQUESTED, from_school="b", to_school="a"),
    replace(roll.MOVED, from_school="b", to_school="a", from_district="e", to_district="d", transfer=None),
    replace(roll.TEACHER_MOVED, from_school="b", to_school="a", from_district="e", to_district="d"),
)
AT_A = (
    SchoolDetailsChanged(school="a", name="新"),
    roll.CLOSED,
    roll.MERGED,
    replace(roll.ENROLLED, person="q"),
    replace(roll.APPOINTED, person="q", appointment="n-9"),
)
OF_ENTRY = (
    roll.PROMOTED,
    roll.RETAINED,
    roll.ACCELERATED,
    roll.MOVED,
    roll.ON_LEAVE,
    roll.BACK,
    roll.WITHDRAWN,
    roll.GRADUATED,
    roll.ABROAD,
    roll.REQUESTED,
)
REFUSED = TransferRefused("t", "p", "sending-school", b"sealed", occurred_at=at("2021-03-03"))
CONSENTS = [
    replace(roll.CONSENTED, by=by) for by in ("sending-school", "sending-district", "receiving-district")
]
E1 = {"entry": "e-1", "kind": "moral-conduct"}
OF_E1 = [
    some(each, "2025-01-04", **E1)
    for each in (
        entries.EntryVerified,
        entries.EntrySelected,
        entries.EntryPosted,
        entries.EntryContested,
        entries.EntryUpheld,
        entries.EntryStruck,
        entries.EntryConfirmed,
    )
]
OTHER_ENTRY = some(entries.EvaluationEntryRecorded, "2024-12-18", entry="e-9")
OF_REPORT = [
    some(reports.SelfStatementWritten, "2025-02-01"),
    some(reports.ReportConfirmed, "2025-02-01"),
    some(reports.ReportReturned, "2025-02-01"),
    some(reports.EvaluationFinalised, "2025-02-01"),
]
TEACHER_GONE = TeacherLeft(
    person="t-1", appointment="ap-1", school="s-1", district="huangpu", reason="resigned"
)

CASES = [
    *(
        Case(
            f"entry {name}",
            PLACE,
            (*BEFORE, roll.ENROLLED, ending),
            {"not-on-a-roll": on(LATER, *OF_ENTRY)},
            {"roll.StudentEnrolled": ANOTHER, "roll.TeacherAppointed": "a former pupil may hold a post"},
        )
        for name, ending in (
            ("graduated", roll.GRADUATED),
            ("withdrawn", roll.WITHDRAWN),
            ("left", roll.ABROAD),
        )
    ),
    *(
        Case(
            f"school {code}",
            SCHOOL,
            (*BEFORE, *registered("t"), *LIVE_IN_B, ending),
            {code: on(LATER, *AT_A, TO_A[0], TO_A[2]), "no-request": on(LATER, TO_A[1])},
        )
        for code, ending in (("school-closed", roll.CLOSED), ("school-merged", roll.MERGED))
    ),
    Case(
        "appointment ended",
        APPOINTMENT,
        (*BEFORE, *registered("t"), roll.APPOINTED, roll.TEACHER_MOVED, roll.TEACHER_LEFT),
        {"appointment-ended": on(LATER, roll.TEACHER_MOVED, roll.TEACHER_LEFT)},
    ),
    Case(
        "post of a verifier ended",
        POST,
        (*ev.RECORDED, *on("2024-12-10", TEACHER_GONE)),
        {"appointment-ended": [some(entries.EntryVerified)]},
        {f"evaluation.{each}": "see the next case" for each in ("ReportSigned", "ReportReturned")},
    ),
    Case(
        "post of a signer ended",
        POST,
        (*ev.CONFIRMED, *on("2024-12-10", TEACHER_GONE)),
        {"appointment-ended": [some(reports.ReportSigned), some(reports.ReportReturned)]},
        {"evaluation.EntryVerified": "see the case before"},
    ),
    Case(
        "transfer refused",
        TRANSFER,
        (*BEFORE, roll.ENROLLED, roll.REQUESTED, roll.CONSENTED, REFUSED),
        {"transfer-ended": on("2021-03-04", CONSENTS[1], REFUSED, roll.TAKEN_BACK, roll.MOVED)},
    ),
    Case(
        "transfer withdrawn",
        TRANSFER,
        (*BEFORE, roll.ENROLLED, roll.REQUESTED, roll.CONSENTED, roll.TAKEN_BACK),
        {"transfer-ended": on("2021-03-04", CONSENTS[1], REFUSED, roll.TAKEN_BACK, roll.MOVED)},
    ),
    Case(
        "transfer carried out",
        TRANSFER,
        (*BEFORE, roll.ENROLLED, roll.REQUESTED, *CONSENTS, roll.MOVED),
        {
            "transfer-ended": on("2021-03-25", CONSENTS[1], REFUSED, roll.TAKEN_BACK),
            "on-another-roll": on("2021-03-25", roll.MOVED),
        },
    ),
    Case(
        "entry struck",
        ENTRIES,
        [*ev.CONTESTED, some(entries.EntryStruck)],
        {"entry-struck": OF_E1},
        {
            "evaluation.EvaluationCorrected": "it corrects the report, in which the entry is not",
            "evaluation.ReportConfirmed": OTHERS,
            "evaluation.EvaluationFinalised": OTHERS,
        },
    ),
    Case(
        "entry of a final evaluation",
        ENTRIES,
        ev.FINAL,
        {
            "outside-window": on("2025-02-01", *OF_E1[:3]),
            "evaluation-final": [*on("2025-02-01", *OF_E1[3:]), *OF_REPORT[1::2]],
        },
        {"evaluation.EvaluationCorrected": "a final evaluation is corrected, and stays final"},
    ),
    Case(
        "evaluation final",
        REPORTS,
        ev.FINAL,
        {
            "evaluation-final": [*OF_REPORT, OTHER_ENTRY, *on("2024-12-31", *OF_E1)],
            "report-signed": [some(reports.ReportSigned, "2025-02-01")],
        },
        {
            "evaluation.EvaluationCorrected": "a final evaluation is corrected, and stays final",
            "evaluation.EvaluationReleased": "a final evaluation is released",
        },
    ),
    Case(
        "policy withdrawn",
        POLICIES,
        [*ev.FINAL, some(published.UsePolicyWithdrawn, "2025-03-01")],
        {
            "policy-withdrawn": [some(published.UsePolicyWithdrawn, "2025-04-01")],
            "policy-published": [some(published.UsePolicyPublished, "2025-04-01")],
            "policy-not-in-force": [some(reports.EvaluationReleased, "2025-04-01")],
        },
    ),
]
