"""Publish: verdicts, repeats, clashes, atomic requests, dry runs, races between publishers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from adapters.avro import AvroCodec
from adapters.postgres.log import PostgresLog
from domain.catalogue import RULES
from events.event import Event
from events.integrity import ConductObserved
from events.roll import SchoolClosed, SchoolRegistered, SchoolsMerged
from streams.history import Histories
from streams.judge import Judge
from streams.publish import Admissible, Clash, Publisher, Recorded, Refusal, Repeated, Request
from streams.warm import WarmFolds
from tests.scenario import ROOMY, at

CODEC = AvroCodec()


def publisher(log: PostgresLog, bound: int = ROOMY) -> Publisher:
    judge = Judge(RULES, WarmFolds(Histories(log, CODEC), bound))
    return Publisher(log, CODEC, judge, lambda: time.time_ns() // 1000)


def request(*events: Event, atomic: bool = False, dry_run: bool = False) -> Request:
    return Request(events, [CODEC.propose(event) for event in events], atomic, dry_run)


def school(number: str, identity: str | None = None, name: str = "A school", district: str = "d") -> Event:
    return SchoolRegistered(
        number,
        name,
        district,
        ["primary"],
        id=identity or f"registered-{number}",
        source="urn:test",
        occurred_at=at("2024-01-01"),
    )


def closed(number: str, identity: str = "closed") -> Event:
    return SchoolClosed(number, "", id=identity, source="urn:test", occurred_at=at("2024-02-01"))


def settled(one: Publisher, *requests: Request) -> list[list[object]]:
    one.settle(requests)
    return [list(each.verdicts) for each in requests]


@pytest.fixture
def log(database_url: str) -> Iterator[PostgresLog]:
    log = PostgresLog(database_url)
    yield log
    log.close()


def test_later_events_of_a_batch_are_judged_as_seeing_the_earlier(log: PostgresLog) -> None:
    [verdicts] = settled(publisher(log), request(school("s"), closed("s"), closed("s", "again")))
    assert verdicts[:2] == [Recorded(1), Recorded(2)]
    assert isinstance(verdicts[2], Refusal)
    assert (verdicts[2].code, verdicts[2].rule) == ("school-closed", "school_exists")


def test_a_repeat_gets_its_first_position_even_where_the_rules_would_refuse_it_now(log: PostgresLog) -> None:
    one = publisher(log)
    settled(one, request(school("s"), closed("s")))
    assert settled(one, request(school("s"), closed("s"))) == [[Repeated(1), Repeated(2)]]
    assert settled(publisher(log), request(closed("s"), school("s"))) == [[Repeated(2), Repeated(1)]]
    assert log.head() == 2


def test_another_content_under_the_same_identity_clashes_and_nothing_is_written(log: PostgresLog) -> None:
    one = publisher(log)
    settled(one, request(school("s")))
    assert settled(one, request(school("s", name="Another name"))) == [[Clash(1)]]
    assert settled(one, request(school("t", identity="registered-s"))) == [[Clash(1)]]
    assert log.head() == 1


def test_twins_in_one_batch_are_one_event(log: PostgresLog) -> None:
    [verdicts] = settled(publisher(log), request(school("s"), school("s"), school("s", name="Other")))
    assert verdicts == [Recorded(1), Repeated(1), Clash(1)]


def test_an_atomic_request_is_all_or_none_and_others_of_its_group_stand(log: PostgresLog) -> None:
    one = publisher(log)
    failing = request(school("s"), closed("s"), closed("s", "again"), atomic=True)
    other = request(school("t"))
    first, second = settled(one, failing, other)
    assert first[:2] == [Admissible(), Admissible()]
    assert isinstance(first[2], Refusal)
    assert second == [Recorded(1)]
    assert settled(one, request(school("s"), closed("s"), atomic=True)) == [[Recorded(2), Recorded(3)]]


def test_what_was_refused_because_of_a_withdrawn_request_is_judged_again(log: PostgresLog) -> None:
    withdrawn = request(school("s"), closed("nowhere"), atomic=True)
    resting_on_it = request(school("s", identity="another"))
    _, verdicts = settled(publisher(log), withdrawn, resting_on_it)
    assert verdicts == [Recorded(1)]


def test_a_dry_run_judges_and_writes_nothing(log: PostgresLog) -> None:
    one = publisher(log)
    [verdicts] = settled(one, request(school("s"), closed("s"), closed("s", "again"), dry_run=True))
    assert verdicts[:2] == [Admissible(), Admissible()]
    assert isinstance(verdicts[2], Refusal)
    assert log.head() == 0
    assert settled(one, request(school("s"))) == [[Recorded(1)]]


def test_an_event_more_than_five_minutes_ahead_is_refused(log: PostgresLog) -> None:
    event = SchoolRegistered(
        "s", "A school", "d", [], id="1", source="urn:test", occurred_at=time.time_ns() // 1000 + 301 * 10**6
    )
    [[verdict]] = settled(publisher(log), request(event))
    assert isinstance(verdict, Refusal)
    assert verdict.code == "in-the-future"


def observed(identity: str, kind: str, evidence: str = "urn:test#registered-s") -> Event:
    return ConductObserved(
        "p",
        identity,
        "R1",
        weight=20,
        half_life_days=100,
        evidence=evidence,
        evidence_kind=kind,
        id=identity,
        source="urn:test",
        occurred_at=at("2024-03-01"),
    )


def test_what_is_cited_is_in_the_log_and_of_the_type_told(log: PostgresLog) -> None:
    one, given = publisher(log), request(school("s"))
    kinds = {"roll.SchoolRegistered": "unknown-person", "roll.SchoolClosed": "other-evidence"}

    def code(sent: Request) -> str:
        one.settle([sent])
        verdict = sent.verdicts[-1]
        assert isinstance(verdict, Refusal)
        return verdict.code

    assert code(request(observed("c", "roll.SchoolRegistered"))) == "unknown-evidence"
    for kind, expected in kinds.items():  # what the same request brings may be cited
        assert code(request(school("s"), observed("c", kind), dry_run=True)) == expected
    settled(one, given)
    for kind, expected in kinds.items():
        assert code(request(observed("c", kind))) == expected
    [[refused]] = settled(one, request(observed("c", "roll.SchoolClosed")))
    assert refused == Refusal(
        "other-evidence",
        "urn:test#registered-s is of type roll.SchoolRegistered, not roll.SchoolClosed",
        "cites_what_is_recorded",
    )


def test_a_publisher_sees_what_another_has_appended(log: PostgresLog, database_url: str) -> None:
    other_log = PostgresLog(database_url)
    one, two = publisher(log), publisher(other_log)
    [[refused]] = settled(two, request(closed("s")))
    assert isinstance(refused, Refusal)
    settled(one, request(school("s")))
    assert settled(two, request(closed("s"))) == [[Recorded(2)]]
    [[late]] = settled(one, request(closed("s", "late")))
    assert isinstance(late, Refusal)
    other_log.close()


def test_warm_folds_beyond_their_bound_are_read_again(log: PostgresLog) -> None:
    one = publisher(log, bound=1)
    settled(one, request(school("s"), school("t")))
    merged = SchoolsMerged("s", "t", id="merged", source="urn:test", occurred_at=at("2024-02-01"))
    assert settled(one, request(merged)) == [[Recorded(3)]]
    [[refused]] = settled(one, request(closed("s")))
    assert isinstance(refused, Refusal)
    assert refused.code == "school-merged"
