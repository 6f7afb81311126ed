"""Persons, accounts, the trust federation, roles, and the audit of logins."""

from __future__ import annotations

from msgspec.structs import replace

from events.identity.accounts import AccountUnlinked, LoginFailed, SessionEnded
from events.identity.persons import DocumentAdded, PersonDetailsCorrected, PersonRegistered, PersonsSeparated
from events.identity.roles import RoleRevoked
from events.identity.trust import ApplicationDisconnected, IdentityProviderDistrusted
from events.roll.pupils import StudentGraduated
from events.roll.teachers import TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.identity.accounts import Account
from projections.identity.logins import PersonLogins, ProviderLogins
from projections.identity.persons import Document, Person
from projections.identity.roles import Held
from projections.identity.trust import Application, IdentityProvider
from streams.scenario import at, given
from tests.contexts.identity import (
    AT_A,
    CONNECTED,
    FEDERATION,
    IN_DISTRICT,
    LINKED,
    LOGIN,
    MERGED,
    PUPIL,
    SCHOOLING,
    TEACHER,
    TRUSTED,
)
from tests.contexts.persons import registered

REGISTERED = PersonRegistered(
    person="p",
    name=b"sealed",
    birth_date=b"sealed date",
    birth_year=2010,
    document="hash-1",
    occurred_at=at("2024-01-01"),
)
SEPARATED = PersonsSeparated(separated="p", surviving="q", merge="centre#m-1")
FAILED = LoginFailed(
    provider="idp",
    application="app",
    assurance=2,
    reason="locked",
    account="acc",
    occurred_at=at("2024-03-01"),
)


def test_a_person_is_registered_corrected_and_shows_documents() -> None:
    added = DocumentAdded(person="p", document="hash-2", kind="passport", occurred_at=at("2024-01-05"))
    corrected = PersonDetailsCorrected(person="p", name=b"new", birth_year=2011)
    assert given(REGISTERED, added, corrected).row("persons", "p") == Person(
        "p",
        status="registered",
        name=b"new",
        birth_date=b"sealed date",
        birth_year=2011,
        registered="2024-01-01",
        documents=[
            Document("hash-1", "resident-identity-card", "2024-01-01"),
            Document("hash-2", "passport", "2024-01-05"),
        ],
    )
    redated = PersonDetailsCorrected(person="p", birth_date=b"other date")
    row = given(REGISTERED, redated).row("persons", "p")
    assert (row.name, row.birth_date, row.birth_year) == (b"sealed", b"other date", 2010)


def test_merged_numbers_point_to_each_other_until_they_are_separated() -> None:
    merged = given(*registered("p", "q"), MERGED)
    row = merged.row("persons", "p")
    assert (row.status, row.merged_into, row.also) == ("merged", "q", [])
    row = merged.row("persons", "q")
    assert (row.status, row.merged_into, row.also) == ("registered", None, ["p"])
    for number in ("p", "q"):
        row = given(*registered("p", "q"), MERGED, SEPARATED).row("persons", number)
        assert (row.status, row.merged_into, row.also) == ("registered", None, [])


def test_an_account_from_link_to_unlink() -> None:
    linked = Account("acc", "linked", "p", "idp", since="2024-01-02")
    assert given(*FEDERATION).row("accounts", "acc") == linked
    failed = given(*FEDERATION, LOGIN, FAILED, FAILED)
    used = replace(linked, last_login="2024-03-01", last_application="app", failed_since=2)
    assert failed.row("accounts", "acc") == used
    assert given(*FEDERATION, FAILED, LOGIN).row("accounts", "acc").failed_since == 0
    unlinked = AccountUnlinked(person="p", account="acc", reason="left", occurred_at=at("2024-04-01"))
    ended = given(*FEDERATION, LOGIN, unlinked)
    assert ended.row("accounts", "acc") == replace(
        used, status="unlinked", since="2024-04-01", failed_since=0
    )
    again = given(*FEDERATION, LOGIN, unlinked, replace(LINKED, person="q", occurred_at=at("2024-05-01")))
    assert again.row("accounts", "acc") == Account("acc", "linked", "q", "idp", since="2024-05-01")


def test_how_long_an_account_lies_idle_is_a_question_of_the_day() -> None:
    account = given(*FEDERATION, LOGIN).row("accounts", "acc")
    assert account.at("2024-03-31") == {"idle_days": 30}
    assert account.at("2024-02-01") == {"idle_days": 0}
    assert given(*FEDERATION).row("accounts", "acc").at("2024-01-12") == {"idle_days": 10}
    assert Account("never linked").at("2024-01-01") == {"idle_days": None}


def test_an_identity_provider_from_trust_to_distrust() -> None:
    distrusted = IdentityProviderDistrusted(provider="idp", reason="breached", occurred_at=at("2024-06-01"))
    row = IdentityProvider(
        "idp", "trusted", "Authentication centre", "smec", "municipality", 3, since="2024-01-01"
    )
    assert given(TRUSTED).row("identity-providers", "idp") == row
    assert given(TRUSTED, distrusted).row("identity-providers", "idp") == replace(
        row, status="distrusted", since="2024-06-01", reason="breached"
    )
    assert given(TRUSTED, distrusted, TRUSTED).row("identity-providers", "idp") == row


def test_an_application_from_connection_to_disconnection() -> None:
    disconnected = ApplicationDisconnected(application="app", reason="retired", occurred_at=at("2024-06-01"))
    row = Application(
        "app", "connected", "Digital textbooks", "smec", 2, ["school", "grade"], since="2024-01-01"
    )
    assert given(CONNECTED).row("applications", "app") == row
    assert given(CONNECTED, disconnected).row("applications", "app") == replace(
        row, status="disconnected", attributes=[], since="2024-06-01", reason="retired"
    )


def test_a_persons_logins_are_counted_by_day() -> None:
    history = given(
        *FEDERATION,
        LOGIN,
        replace(LOGIN, application="other", assurance=1),
        replace(LOGIN, assurance=3),
        SessionEnded(person="p", login="idp#1", how="signed-out", occurred_at=at("2024-03-01")),
        SessionEnded(person="p", login="idp#2", how="timed-out", occurred_at=at("2024-03-02")),
        replace(LOGIN, occurred_at=at("2024-03-03")),
    )
    assert history.rows("logins-by-person") == [
        PersonLogins("p", "2024-03-01", 3, {"app": 2, "other": 1}, lowest_assurance=1, sessions_ended=1),
        PersonLogins("p", "2024-03-02", sessions_ended=1),
        PersonLogins("p", "2024-03-03", 1, {"app": 1}, lowest_assurance=2),
    ]


def test_a_providers_logins_are_counted_by_day() -> None:
    history = given(*FEDERATION, LOGIN, FAILED, FAILED, replace(FAILED, reason="expired", account=None))
    assert history.rows("logins-by-provider") == [
        ProviderLogins("idp", "2024-03-01", succeeded=1, failed=3, reasons={"locked": 2, "expired": 1})
    ]


def test_roles_are_listed_while_they_are_held() -> None:
    officer = replace(TEACHER, role="officer", scope=IN_DISTRICT)
    teaches = Held("teacher", AT_A, "job", "2024-01-03")
    oversees = Held("officer", IN_DISTRICT, "job", "2024-01-03")
    history = (*SCHOOLING, PUPIL, TEACHER, officer)
    assert given(*history).row("roles", "t").roles == [teaches, oversees]
    assert given(*history).row("roles", "p").roles == [Held("student", AT_A, None, "2024-01-03")]
    revoked = RoleRevoked(person="t", role="teacher", scope=AT_A, reason="replaced")
    assert given(*history, revoked).row("roles", "t").roles == [oversees]
    moved = TeacherTransferred(
        person="t",
        appointment="job",
        from_school="a",
        to_school="b",
        from_district="pudong",
        to_district="pudong",
    )
    assert given(*history, moved).row("roles", "t").roles == [oversees]


def test_roles_end_with_what_they_rest_on() -> None:
    history = (*SCHOOLING, PUPIL, TEACHER)
    left = TeacherLeft(person="t", appointment="job", school="a", district="pudong", reason="retired")
    assert given(*history, left).row("roles", "t") is None
    graduated = StudentGraduated(person="p", school="a", district="pudong", stage="primary", grade=5)
    assert given(*history, graduated).row("roles", "p") is None
    moved = StudentTransferred(
        person="p",
        from_school="a",
        to_school="b",
        from_district="pudong",
        to_district="pudong",
        stage="primary",
        grade=5,
    )
    assert given(*history, moved).row("roles", "p") is None
    assert given(*history, moved, graduated).rows("roles") == given(*history, moved).rows("roles")


def test_roles_end_with_a_merge() -> None:
    merged = replace(MERGED, merged="t")
    assert given(*SCHOOLING, TEACHER, merged).row("roles", "t") is None
    assert given(*SCHOOLING, TEACHER, replace(MERGED, surviving="t")).row("roles", "t") is not None


def test_a_person_separated_again_keeps_the_record_of_both() -> None:
    history = given(REGISTERED, *registered("q"), MERGED, SEPARATED)
    assert history.row("persons", "p").documents == [
        Document("hash-1", "resident-identity-card", "2024-01-01")
    ]
    assert isinstance(history.row("persons", "q"), Person)
