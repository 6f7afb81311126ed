"""Lifelong learning (终身学习): archive, and the credit bank that recognises, counts and transfers (plan, 六(1))."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import CentiCredits, Cites, Count, Day, Event, Name, Number, Personal, PersonId, Tag, Text

Category = Literal["academic", "vocational", "culture-and-leisure"]
Sector = Literal["open", "community", "elderly", "enterprise"]
Result = Literal["distinction", "merit", "pass", "fail"]
OutcomeKind = Literal["course", "qualification", "training", "experience", "self-study"]
AccountId = Annotated[Number, Tag("learning-account")]
SectorTag = Annotated[Sector, Tag("sector")]
InstitutionId = Annotated[Number, Tag("institution")]
OfferingId = Annotated[Number, Tag("offering")]
StandardId = Annotated[Number, Tag("standard")]
OutcomeId = Annotated[Number, Tag("outcome")]
AwardId = Annotated[Number, Tag("award")]
TransferRuleId = Annotated[Number, Tag("transfer-rule")]
CreditTransferId = Annotated[Number, Tag("credit-transfer")]
CertificateId = Annotated[Number, Tag("certificate")]
Percent = Annotated[int, Meta(ge=0, le=100)]


class MemberAdmitted(Event, frozen=True):
    """An institution has become a member of the credit bank (成员机构)."""

    institution: InstitutionId
    name: Name


class MemberRemoved(Event, frozen=True):
    """An institution is a member of the credit bank no longer."""

    institution: InstitutionId
    reason: Text


class HoursPerCredit(Struct, frozen=True):
    """How many hours of learning make one credit of a category (学时折算学分)."""

    category: Category
    hours: Annotated[int, Meta(ge=1, le=1000)]


class ResultCounts(Struct, frozen=True):
    """How much of the full credits a result earns."""

    result: Result
    percent: Percent


class CreditTermsPublished(Event, frozen=True):
    """Hours per credit and the credits that each result earns have been put into force (学分核算规则)."""

    terms: Annotated[Number, Tag("rules")]
    since: Day
    hours_per_credit: list[HoursPerCredit]
    results: list[ResultCounts]


class LearningAccountOpened(Event, frozen=True):
    """A person has opened an account with the credit bank (学分银行账户)."""

    person: PersonId
    account: AccountId
    sector: SectorTag


class LearnerSectorChanged(Event, frozen=True):
    """A learner has moved to another sector of lifelong education: open, community, elderly or enterprise."""

    person: PersonId
    account: Number
    from_sector: SectorTag
    to_sector: SectorTag


class LearningAccountClosed(Event, frozen=True):
    """An account has been closed (销户); the archive stays."""

    person: PersonId
    account: Number
    sector: SectorTag
    reason: Text


class CourseOffered(Event, frozen=True):
    """A member offers a course (开课): one offering of it, from a first to a last day."""

    offering: OfferingId
    course: Number
    institution: Number
    title: Name
    category: Category
    sector: Sector
    hours: Count
    starts: Day
    ends: Day
    seats: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class CourseSharingAgreed(Event, frozen=True):
    """A member has agreed that another's learners may enrol in its offering (课程共享)."""

    offering: OfferingId
    institution: Number
    partner: Number


class CourseEnrolled(Event, frozen=True):
    """A learner has enrolled in an offering (选课), if `through` another member then by a sharing agreement.

    `day_estimated` tells that the source knew no day and that the one given is an estimate.
    """

    person: PersonId
    offering: OfferingId
    through: Number | None = None
    day_estimated: bool = False


class CourseWithdrawn(Event, frozen=True):
    """A learner has withdrawn from an offering (退课), which some institutions count as failed.

    `day_estimated` tells that the source knew no day and that the one given is an estimate.
    """

    person: PersonId
    offering: OfferingId
    reason: Text | None = None
    counted_as: Literal["fail"] | None = None
    day_estimated: bool = False


class CourseCompleted(Event, frozen=True):
    """A learner has come to the end of an offering with a result (结课)."""

    person: PersonId
    offering: OfferingId
    result: Result


class RecognitionStandardPublished(Event, frozen=True):
    """A standard by which outcomes of a category are recognised has been put into force (认证标准)."""

    standard: StandardId
    institution: Number
    title: Name
    category: Category
    terms: Number
    since: Day
    until: Day | None = None


class RecognitionStandardRetired(Event, frozen=True):
    """A recognition standard is out of force from this day on."""

    standard: StandardId
    reason: Text


class OutcomeDeposited(Event, frozen=True):
    """A learning outcome has been put into a person's archive (学习成果存入).

    That of a course names course and offering; any other may cite the event that shows it.
    """

    person: PersonId
    outcome: OutcomeId
    kind: OutcomeKind
    title: Name
    category: Category
    hours: Count
    result: Result
    course: Number | None = None
    offering: Number | None = None
    evidence: Annotated[str, Cites(), Meta(max_length=400)] | None = None


class OutcomeSubmitted(Event, frozen=True):
    """A learner has submitted an outcome to a member for recognition by a standard (申请认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeRecognised(Event, frozen=True):
    """A member has recognised an outcome by a standard in force (学习成果认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeDeclined(Event, frozen=True):
    """A member has declined to recognise an outcome, which may be submitted again."""

    person: PersonId
    outcome: Number
    institution: Number
    reason: Text


class CreditsAwarded(Event, frozen=True):
    """A recognised outcome has earned credits, counted by the published terms (学分核算)."""

    person: PersonId
    award: AwardId
    outcome: Number
    institution: Number
    standard: Number
    terms: Number
    category: Category
    credits: CentiCredits


class Unwound(Struct, frozen=True):
    """A transfer that a revocation undoes: what counts in a programme no longer."""

    transfer: Number
    programme: Number
    category: Category
    credits: CentiCredits


class CreditsRevoked(Event, frozen=True):
    """The awarding member has revoked credits (撤销学分), which unwinds every transfer of them."""

    person: PersonId
    award: Number
    institution: Number
    category: Category
    credits: CentiCredits
    reason: Text
    unwound: list[Unwound] = []
    transfers: list[CreditTransferId] = []


class CreditTransferRulePublished(Event, frozen=True):
    """A member has put into force which credits count in a programme of its own, up to a cap (学分转换规则).

    `percent` of an award's credits count. An `exclusive` rule lets no other programme count them too.
    Credits awarded more than `valid_days` ago count no more.
    """

    rule: TransferRuleId
    institution: Number
    programme: Number
    from_category: Category
    to_category: Category
    percent: Annotated[int, Meta(ge=1, le=100)]
    cap: CentiCredits
    exclusive: bool
    since: Day
    until: Day | None = None
    valid_days: Annotated[int, Meta(ge=1, le=36_525)] | None = None


class CreditTransferRuleRetired(Event, frozen=True):
    """A transfer rule is out of force from this day on."""

    rule: TransferRuleId
    institution: Number
    reason: Text


class CreditTransferRequested(Event, frozen=True):
    """A learner has asked that an award count in a programme (申请学分转换)."""

    transfer: CreditTransferId
    person: PersonId
    award: Number
    institution: Number
    programme: Number
    rule: Number


class CreditTransferDeclined(Event, frozen=True):
    """The receiving member has declined a transfer."""

    transfer: CreditTransferId
    person: PersonId
    institution: Number
    reason: Text


class CreditsTransferred(Event, frozen=True):
    """The receiving member counts an award's credits in its programme (学分转换); the award itself stays."""

    transfer: CreditTransferId
    person: PersonId
    award: Number
    institution: Number
    programme: Number
    rule: Number
    from_category: Category
    category: Category
    credits: CentiCredits
    exclusive: bool


class CertificateIssued(Event, frozen=True):
    """A member has issued a certificate (证书) that rests on awards, and counts in a programme if it names one."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    title: Name
    awards: list[Number]
    holder: Annotated[bytes, Personal(of="person", retention="diploma", findable=True)]
    programme: Number | None = None


class CertificateRevoked(Event, frozen=True):
    """The member that issued a certificate has revoked it."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    reason: Text


EVENTS = (
    MemberAdmitted,
    MemberRemoved,
    CreditTermsPublished,
    LearningAccountOpened,
    LearnerSectorChanged,
    LearningAccountClosed,
    CourseOffered,
    CourseSharingAgreed,
    CourseEnrolled,
    CourseWithdrawn,
    CourseCompleted,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
    OutcomeDeposited,
    OutcomeSubmitted,
    OutcomeRecognised,
    OutcomeDeclined,
    CreditsAwarded,
    CreditsRevoked,
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    CreditTransferRequested,
    CreditTransferDeclined,
    CreditsTransferred,
    CertificateIssued,
    CertificateRevoked,
)
