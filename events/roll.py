"""The school roll (学籍) and the three core databases: students, teachers, schools (plan, 二(2))."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import Day, Event, Grade, Name, Number, Personal, PersonId, SchoolId, Tag, Text

Stage = Literal[
    "kindergarten", "primary", "lower-secondary", "upper-secondary", "vocational", "special", "higher"
]
DistrictId = Annotated[Number, Tag("district")]
TransferId = Annotated[Number, Tag("transfer")]
AppointmentId = Annotated[Number, Tag("appointment")]
RuleData = Annotated[Literal["roll"], Tag("rules")]
SealedReason = Annotated[bytes, Personal(of="person", retention="roll")]
Consenter = Literal["sending-school", "sending-district", "receiving-district"]


class StageTerms(Struct, frozen=True):
    """The grades of one stage of schooling (学段), and whether attendance is compulsory (义务教育)."""

    stage: Stage
    first_grade: Grade
    last_grade: Grade
    compulsory: bool


class RollRulesPublished(Event, frozen=True):
    """The municipality has put stage table and time limits of the roll into force from a day on."""

    since: Day
    stages: list[StageTerms]
    consent_working_days: Annotated[int, Meta(ge=1, le=365)]
    leave_days: Annotated[int, Meta(ge=1, le=3650)]
    holidays: list[Day] = []
    rules: RuleData = "roll"


class SchoolRegistered(Event, frozen=True):
    """A school has entered the school database (学校库)."""

    school: SchoolId
    name: Name
    district: DistrictId
    stages: list[Stage]


class SchoolDetailsChanged(Event, frozen=True):
    """A school's name, or the stages it teaches, have changed; None leaves a detail as it was."""

    school: SchoolId
    name: Name | None = None
    stages: list[Stage] | None = None


class SchoolsMerged(Event, frozen=True):
    """A school has been merged into another (学校合并); a transfer of each of its pupils follows."""

    school: SchoolId
    into: SchoolId


class SchoolClosed(Event, frozen=True):
    """A school has closed and takes nobody any more."""

    school: SchoolId
    reason: Text


class StudentEnrolled(Event, frozen=True):
    """A school has taken a pupil onto its roll (入学).

    `name` is the name as the roll has it, which stays readable with the roll when the person is erased.
    """

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    class_name: Name | None = None
    name: Annotated[bytes, Personal(of="person", retention="roll", findable=True)] | None = None


class StudentPromoted(Event, frozen=True):
    """A pupil has gone up one grade of the same stage (升级)."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    from_grade: Grade
    to_grade: Grade


class TransferRequested(Event, frozen=True):
    """The receiving school has asked for a pupil's transfer (转学申请)."""

    transfer: TransferId
    person: PersonId
    from_school: SchoolId
    to_school: SchoolId
    grade: Grade
    reason: SealedReason


class TransferConsented(Event, frozen=True):
    """One of those whose consent a transfer needs has given it (同意转学)."""

    transfer: TransferId
    by: Consenter


class TransferRefused(Event, frozen=True):
    """One of those whose consent a transfer needs has refused it, which ends the request."""

    transfer: TransferId
    person: PersonId
    by: Consenter
    reason: SealedReason


class StudentTransferred(Event, frozen=True):
    """A pupil has moved to another school's roll (转学), by a consented request or by a merger of schools."""

    person: PersonId
    from_school: SchoolId
    to_school: SchoolId
    from_district: DistrictId
    to_district: DistrictId
    stage: Stage
    grade: Grade
    transfer: TransferId | None = None


class StudentLeaveStarted(Event, frozen=True):
    """A pupil has gone on leave (休学) and keeps the roll entry."""

    person: PersonId
    school: SchoolId
    until: Day
    reason: SealedReason


class StudentResumed(Event, frozen=True):
    """A pupil has come back from leave (复学)."""

    person: PersonId
    school: SchoolId


class StudentWithdrawn(Event, frozen=True):
    """A pupil beyond compulsory schooling has withdrawn (退学)."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    grade: Grade
    reason: SealedReason


class StudentGraduated(Event, frozen=True):
    """A pupil has completed the last grade of a stage (毕业).

    `holder` is the name as it stands on the diploma, which stays readable with it when the person is erased.
    """

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    diploma: Number | None = None
    holder: Annotated[bytes, Personal(of="person", retention="diploma", findable=True)] | None = None


class StudentLeft(Event, frozen=True):
    """A pupil's entry has ended otherwise: completion without diploma (结业), 肄业, abroad, death."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    grade: Grade
    reason: Literal["completed-without-diploma", "incomplete-studies", "abroad", "death"]


class TeacherAppointed(Event, frozen=True):
    """A person has been appointed to a post at a school (教师聘任)."""

    person: PersonId
    appointment: AppointmentId
    school: SchoolId
    district: DistrictId
    post: Literal["teacher", "class-teacher", "principal", "deputy-principal", "support"]
    subject: Name | None = None


class TeacherTransferred(Event, frozen=True):
    """A teacher's appointment has moved to another school."""

    person: PersonId
    appointment: AppointmentId
    from_school: SchoolId
    to_school: SchoolId
    from_district: DistrictId
    to_district: DistrictId


class TeacherLeft(Event, frozen=True):
    """A teacher's appointment has ended."""

    person: PersonId
    appointment: AppointmentId
    school: SchoolId
    district: DistrictId
    reason: Literal["resigned", "retired", "dismissed", "died", "other"]


class QualificationAwarded(Event, frozen=True):
    """A person has been awarded a teaching qualification (教师资格)."""

    person: PersonId
    qualification: Annotated[Number, Tag("qualification")]
    stage: Stage
    subject: Name
    awarded: Day


EVENTS = (
    RollRulesPublished,
    SchoolRegistered,
    SchoolDetailsChanged,
    SchoolsMerged,
    SchoolClosed,
    StudentEnrolled,
    StudentPromoted,
    TransferRequested,
    TransferConsented,
    TransferRefused,
    StudentTransferred,
    StudentLeaveStarted,
    StudentResumed,
    StudentWithdrawn,
    StudentGraduated,
    StudentLeft,
    TeacherAppointed,
    TeacherTransferred,
    TeacherLeft,
    QualificationAwarded,
)
