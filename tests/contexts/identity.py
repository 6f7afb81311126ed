"""A city with an identity provider, an application, two schools, a pupil and a teacher, and their events."""

from events.event import Event
from events.identity.accounts import AccountLinked, LoginFailed, LoginSucceeded
from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from events.identity.persons import PersonsMerged
from events.identity.published import IdentityRulesPublished, RoleGround
from events.identity.roles import RoleGranted, Scope
from events.identity.trust import ApplicationConnected, IdentityProviderTrusted
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolRegistered
from events.roll.teachers import TeacherAppointed
from streams.scenario import at
from tests.contexts.persons import registered

TRUSTED = IdentityProviderTrusted(
    provider="idp",
    name="Authentication centre",
    operator="smec",
    tier="municipality",
    assurance=3,
    occurred_at=at("2024-01-01"),
)
CONNECTED = ApplicationConnected(
    application="app",
    name="Digital textbooks",
    operator="smec",
    assurance=2,
    attributes=["school", "grade"],
    occurred_at=at("2024-01-01"),
)
LINKED = AccountLinked(person="p", account="acc", provider="idp", occurred_at=at("2024-01-02"))
FEDERATION: tuple[Event, ...] = (*registered("p", "q", "t"), TRUSTED, CONNECTED, LINKED)
LOGIN = LoginSucceeded(
    person="p", account="acc", provider="idp", application="app", assurance=2, occurred_at=at("2024-03-01")
)
FAILED = LoginFailed(
    provider="idp",
    application="app",
    assurance=2,
    reason="locked",
    account="acc",
    occurred_at=at("2024-03-01"),
)
MERGED = PersonsMerged(merged="p", surviving="q", source="centre", id="m-1", occurred_at=at("2024-02-01"))

AT_A = Scope(tier="school", kind="school", organisation="a")
IN_DISTRICT = Scope(tier="district", kind="authority", organisation="pudong")
CITYWIDE = Scope(tier="municipality", kind="authority", organisation="smec")
ROLE_RULES = IdentityRulesPublished(
    since="2000-01-01",
    roles=[
        RoleGround("teacher", ["teacher", "class-teacher"], ["school"]),
        RoleGround("principal", ["principal"], ["school"]),
        RoleGround("officer", ["teacher"], ["school"]),
        RoleGround("administrator", ["support"], ["municipality", "school"]),
    ],
    occurred_at=at("2000-01-01"),
)
SCHOOLING: tuple[Event, ...] = (
    *registered("p", "q", "t"),
    ROLE_RULES,
    RollRulesPublished(
        since="2000-01-01",
        stages=[StageTerms(stage="primary", first_grade=1, last_grade=5, compulsory=False)],
        consent_working_days=10,
        leave_days=365,
    ),
    *(
        SchoolRegistered(school=school, name=school, district="pudong", stages=["primary"])
        for school in ("a", "b")
    ),
    StudentEnrolled(
        person="p", school="a", district="pudong", stage="primary", grade=5, occurred_at=at("2024-01-02")
    ),
    TeacherAppointed(
        person="t",
        appointment="job",
        school="a",
        district="pudong",
        post="teacher",
        occurred_at=at("2024-01-02"),
    ),
)
PUPIL = RoleGranted(person="p", role="student", scope=AT_A, occurred_at=at("2024-01-03"))
TEACHER = RoleGranted(person="t", role="teacher", scope=AT_A, appointment="job", occurred_at=at("2024-01-03"))

REQUESTED = ErasureRequested(
    person="p",
    by="person",
    ground="consent-withdrawn",
    source="centre",
    id="r-1",
    occurred_at=at("2024-06-01"),
)
ERASED = PersonErased(
    person="p", request="centre#r-1", source="centre", id="e-1", occurred_at=at("2024-06-08")
)
REFUSED = ErasureRefused(
    person="p", request="centre#r-1", ground="live-roll-entry", occurred_at=at("2024-06-08")
)
