import pytest
from msgspec.structs import replace

from events.event import Event
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered
from events.roll.transfers import TransferRefused
from streams.scenario import at, chain, given
from tests.contexts.calendar import AUTUMN_2024, notice
from tests.contexts.persons import registered
from tests.contexts.roll import ABROAD, CONSENTED, MOVED, ON_LEAVE, REQUESTED, TAKEN_BACK
from tests.contexts.samples import after
from tests.logs.publishing import Town

CITY = (
    RollRulesPublished(
        since="2000-01-01",
        stages=[StageTerms("primary", 1, 5, compulsory=True)],
        consent_working_days=10,
        leave_days=365,
        occurred_at=at("2000-01-01"),
    ),
    notice(2021, "2021-03-15"),
    *registered("p"),
    *(
        SchoolRegistered(
            school=school, name=school, district=district, stages=["primary"], occurred_at=at("2000-01-02")
        )
        for school, district in (("a", "d"), ("b", "e"), ("c", "d"))
    ),
    StudentEnrolled(
        person="p", school="a", district="d", stage="primary", grade=1, occurred_at=at("2020-09-01")
    ),
)
ALL = (
    CONSENTED,
    replace(CONSENTED, by="sending-district"),
    replace(CONSENTED, by="receiving-district"),
)
REFUSED = TransferRefused(
    transfer="t", person="p", by="sending-school", reason=b"sealed", occurred_at=at("2021-03-02")
)
B_CLOSED = SchoolClosed(school="b", reason="撤并", occurred_at=at("2021-02-01"))


def test_a_transfer_is_asked_for_consented_to_and_carried_out() -> None:
    chain(*CITY, REQUESTED, *ALL, MOVED)


def test_within_a_district_its_consent_counts_once() -> None:
    within = (replace(REQUESTED, to_school="c"), *ALL[:2])
    chain(*CITY, *within, replace(MOVED, to_school="c", to_district="d"))


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), replace(REQUESTED, from_school="c"), "on-another-roll"),
        ((), replace(REQUESTED, grade=2), "other-grade"),
        ((), replace(REQUESTED, to_school="a"), "same-school"),
        ((ON_LEAVE,), REQUESTED, "on-leave"),
        ((REQUESTED,), REQUESTED, "transfer-requested"),
        ((B_CLOSED,), REQUESTED, "school-closed"),
        ((), replace(REQUESTED, to_school="x"), "unknown-school"),
    ],
)
def test_a_request_is_from_their_roll_to_an_open_school(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), CONSENTED, "unknown-transfer"),
        ((), REFUSED, "unknown-transfer"),
        ((REQUESTED, CONSENTED), CONSENTED, "consented"),
        ((REQUESTED, CONSENTED), REFUSED, "consented"),
        ((REQUESTED, REFUSED), ALL[1], "transfer-ended"),
        (
            (REQUESTED, *ALL, MOVED),
            after([MOVED], replace(REFUSED, by="receiving-district")),
            "transfer-ended",
        ),
        ((REQUESTED,), replace(CONSENTED, occurred_at=at("2021-03-17")), "too-late"),
    ],
)
def test_an_answer_is_given_once_and_in_time(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*CITY, *history).when(proposed).refused(code)


def test_holidays_and_weekends_are_no_working_days() -> None:
    given(*CITY, REQUESTED).when(replace(CONSENTED, occurred_at=at("2021-03-16"))).admitted()


def test_make_up_days_are_working_days() -> None:
    friday = replace(REQUESTED, occurred_at=at("2024-09-27"))
    history = given(*CITY, AUTUMN_2024, friday)
    history.when(replace(CONSENTED, occurred_at=at("2024-10-16"))).admitted()
    history.when(replace(CONSENTED, occurred_at=at("2024-10-17"))).refused("too-late")


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), replace(MOVED, transfer=None), "no-request"),
        ((), MOVED, "not-requested"),
        ((REQUESTED, *ALL), replace(MOVED, to_school="c", to_district="d"), "not-requested"),
        ((REQUESTED, *ALL[:2]), MOVED, "consent-missing"),
        ((REQUESTED,), MOVED, "consent-missing"),
        ((REQUESTED, REFUSED), MOVED, "transfer-ended"),
        ((REQUESTED, *ALL, replace(ON_LEAVE, occurred_at=at("2021-03-10"))), MOVED, "on-leave"),
        ((REQUESTED, *ALL), replace(MOVED, stage="lower-secondary"), "other-stage"),
        ((REQUESTED, *ALL), replace(MOVED, grade=2), "other-grade"),
        ((REQUESTED, *ALL), replace(MOVED, from_district="e"), "other-district"),
        ((REQUESTED, *ALL), replace(MOVED, to_district="d"), "other-district"),
        ((REQUESTED, *ALL, B_CLOSED), MOVED, "school-closed"),
        (
            (
                REQUESTED,
                *ALL,
                SchoolDetailsChanged(school="b", stages=["vocational"], occurred_at=at("2021-03-10")),
            ),
            MOVED,
            "stage-not-taught",
        ),
    ],
)
def test_a_transfer_is_carried_out_as_requested_with_every_consent(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


def test_a_refusal_names_the_pupil_of_the_request() -> None:
    other = replace(REFUSED, person="q")
    given(*registered("p", "q"), *CITY, REQUESTED).when(other).refused("other-person")


LATE = replace(REQUESTED, transfer="t-2", to_school="c", occurred_at=at("2021-03-17"))
"""Another request, on the day after the consents to the first one were due."""


def test_a_pupil_has_one_open_request() -> None:
    town = Town(*CITY, REQUESTED)
    assert town.codes(replace(LATE, occurred_at=at("2021-03-16"))) == ["transfer-open"]
    assert town.codes(replace(CONSENTED, occurred_at=at("2021-03-17")), LATE) == ["too-late", ""]


def test_a_request_of_a_friday_before_national_day_lapses_after_ten_working_days() -> None:
    friday = replace(REQUESTED, occurred_at=at("2024-09-27"))
    answer, again = (replace(CONSENTED, occurred_at=at(f"2024-10-{day}")) for day in (16, 17))
    anew = replace(REQUESTED, transfer="t-2", occurred_at=at("2024-10-17"))
    assert Town(*CITY, AUTUMN_2024, friday).codes(answer) == [""]
    assert Town(*CITY, AUTUMN_2024, friday).codes(again, anew) == ["too-late", ""]
    assert Town(*CITY, AUTUMN_2024, friday).codes(replace(anew, occurred_at=at("2024-10-16"))) == [
        "transfer-open"
    ]


def test_a_request_that_all_have_consented_to_stays_open_until_it_is_withdrawn() -> None:
    town = Town(*CITY, REQUESTED)
    assert town.codes(*ALL, LATE) == ["", "", "", "transfer-open"]
    taken_back = replace(TAKEN_BACK, occurred_at=at("2021-03-17"))
    assert town.codes(taken_back, LATE) == ["", ""]


def test_a_transfer_is_carried_out_while_the_last_consent_holds() -> None:
    soon = replace(CITY[0], carry_out_days=10)
    town = Town(soon, *CITY[1:], REQUESTED, *ALL)
    assert town.codes(replace(MOVED, occurred_at=at("2021-03-13"))) == ["consent-too-old"]
    assert town.codes(replace(LATE, occurred_at=at("2021-03-12"))) == ["transfer-open"]
    assert town.codes(replace(LATE, occurred_at=at("2021-03-13"))) == [""]
    in_time = Town(soon, *CITY[1:], REQUESTED, *ALL)
    assert in_time.codes(replace(MOVED, occurred_at=at("2021-03-12"))) == [""]


def test_a_withdrawn_request_is_over() -> None:
    town = Town(*CITY, *registered("q"), REQUESTED)
    assert town.codes(replace(TAKEN_BACK, transfer="x")) == ["unknown-transfer"]
    assert town.codes(replace(TAKEN_BACK, person="q")) == ["other-person"]
    assert town.codes(TAKEN_BACK, replace(CONSENTED, occurred_at=at("2021-03-04"))) == ["", "transfer-ended"]
    row = given(*CITY, REQUESTED, TAKEN_BACK)
    assert (row.row("transfers", "t").status, row.row("transfers", "t").ended) == ("withdrawn", "2021-03-03")
    assert row.row("open-transfers", "t") is None


def test_a_consent_names_the_pupil_of_its_request() -> None:
    town = Town(*CITY, *registered("q"), REQUESTED)
    assert town.codes(replace(CONSENTED, person=None)) == ["person-missing"]
    assert town.codes(replace(CONSENTED, person="q")) == ["other-person"]


def test_an_entry_that_ends_ends_its_requests() -> None:
    town = Town(*CITY, REQUESTED, replace(ABROAD, occurred_at=at("2021-03-02")))
    assert town.codes(replace(CONSENTED, occurred_at=at("2021-03-03"))) == ["transfer-ended"]
    back = replace(CITY[-1], occurred_at=at("2021-03-04"))
    assert town.codes(back, replace(LATE, occurred_at=at("2021-03-05"))) == ["", ""]
