"""Publish: verdicts, repeats, clashes, atomic requests, dry runs, races between publishers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from unittest.mock import Mock

import msgspec
import pytest

from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from domain.catalogue import RULES
from events.event import Event
from events.integrity.conduct import ConductObserved
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from streams.history.histories import Histories
from streams.ports import Mark, Overtaken
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.request import (
    Admissible,
    EarlyRefusal,
    IdentityConflict,
    Postponed,
    Recorded,
    Refusal,
    Repeated,
    Request,
)
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, at

CODEC = AvroCodec()


def publisher(log: PostgresLog, bound: int = WARM_BYTES) -> Publisher:
    judge = Judge(RULES, WarmFolds(Histories(log, CODEC), bound))
    return Publisher(log, CODEC, judge, lambda: time.time_ns() // 1000)


def request(*events: Event, atomic: bool = False, dry_run: bool = False, lane: str = "") -> Request:
    return Request(list(events), [CODEC.propose(event) for event in events], atomic, dry_run, lane)


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
    assert (verdicts[2].code, verdicts[2].rule) == ("school-closed", "roll.school_exists")


def test_what_is_sent_again_in_another_trace_is_a_repeat_and_the_first_trace_stays(log: PostgresLog) -> None:
    traced = [msgspec.structs.replace(school("1"), extensions=(("traceparent", each),)) for each in "ab"]
    settled = [request(each) for each in traced]
    publisher(log).settle(settled)
    assert [each.verdicts for each in settled] == [[Recorded(1)], [Repeated(1)]]
    assert CODEC.decode(log.read()[0]).extensions == (("traceparent", "a"),)


def test_a_repeat_gets_its_first_position_even_where_the_rules_would_refuse_it_now(log: PostgresLog) -> None:
    one = publisher(log)
    settled(one, request(school("s"), closed("s")))
    assert settled(one, request(school("s"), closed("s"))) == [[Repeated(1), Repeated(2)]]
    assert settled(publisher(log), request(closed("s"), school("s"))) == [[Repeated(2), Repeated(1)]]
    assert log.head() == 2


def test_another_content_under_the_same_identity_clashes_and_nothing_is_written(log: PostgresLog) -> None:
    one = publisher(log)
    settled(one, request(school("s")))
    assert settled(one, request(school("s", name="Another name"))) == [[IdentityConflict(1)]]
    assert settled(one, request(school("t", identity="registered-s"))) == [[IdentityConflict(1)]]
    assert log.head() == 1


def test_twins_in_one_batch_are_one_event(log: PostgresLog) -> None:
    [verdicts] = settled(publisher(log), request(school("s"), school("s"), school("s", name="Other")))
    assert verdicts == [Recorded(1), Repeated(1), IdentityConflict(1)]


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
    kinds = ("roll.SchoolRegistered", "roll.SchoolClosed")  # not one that proves, not the one told

    def code(sent: Request) -> str:
        one.settle([sent])
        verdict = sent.verdicts[-1]
        assert isinstance(verdict, Refusal)
        return verdict.code

    assert code(request(observed("c", "roll.SchoolRegistered"))) == "unknown-evidence"
    for kind in kinds:  # what the same request brings may be cited
        assert code(request(school("s"), observed("c", kind), dry_run=True)) == "other-evidence"
    settled(one, given)
    for kind in kinds:
        assert code(request(observed("c", kind))) == "other-evidence"
    [[refused]] = settled(one, request(observed("c", "roll.SchoolClosed")))
    assert refused == Refusal(
        "other-evidence",
        "urn:test#registered-s is of type roll.SchoolRegistered, not roll.SchoolClosed",
        "log.cites_what_is_recorded",
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


def test_what_is_behind_an_event_that_came_too_early_is_postponed_and_no_other(log: PostgresLog) -> None:
    one = publisher(log)
    early, behind = request(closed("s"), lane="s"), request(school("r"), lane="s")
    other, free = request(school("t"), lane="t"), request(closed("u", "free"))
    verdicts = [each for [each] in settled(one, early, behind, other, free)]
    assert [type(each) for each in verdicts] == [EarlyRefusal, Postponed, Recorded, EarlyRefusal]
    settled(publisher(log), request(school("s")))
    assert settled(one, early, behind) == [[Recorded(3)], [Recorded(4)]]


def test_what_may_bring_what_an_early_one_waits_for_is_not_postponed_behind_it(log: PostgresLog) -> None:
    one = publisher(log)
    early, bringing = request(closed("s"), lane="s"), request(school("s"), lane="s")
    [[refused], [recorded]] = settled(one, early, bringing)
    assert (type(refused), recorded) == (EarlyRefusal, Recorded(1))
    assert settled(one, early) == [[Recorded(2)]]


def test_a_refusal_of_another_kind_postpones_nothing(log: PostgresLog) -> None:
    one = publisher(log)
    settled(one, request(school("s")))
    again, behind = request(school("s", "again"), lane="s"), request(closed("s"), lane="s")
    [[refused], [recorded]] = settled(one, again, behind)
    assert (type(refused), recorded) == (Refusal, Recorded(2))


def test_who_is_behind_a_repeat_is_judged_although_the_rules_would_refuse_the_repeat(
    log: PostgresLog,
) -> None:
    one = publisher(log)
    settled(one, request(school("s"), school("t"), closed("s")))
    merged = SchoolsMerged("s", "t", id="merged", source="urn:test", occurred_at=at("2024-02-01"))
    log.append([CODEC.propose(merged)])
    early = request(closed("nowhere", "closed"), lane="x")
    verdicts = settled(one, request(closed("s"), lane="s"), request(school("v"), lane="s"), early)
    assert verdicts == [[Repeated(3)], [Recorded(5)], [IdentityConflict(3)]]


def test_marks_move_with_what_is_appended_and_tell_what_was_refused_before(log: PostgresLog) -> None:
    one, asked = publisher(log), [request(school("s")), request(closed("t"))]
    seen: list[list[object]] = []

    def marks() -> list[Mark]:
        seen.append([each.verdicts[0] for each in asked])
        return [Mark("inbox/0", len(seen), (), log.marks(["inbox/0"]).get("inbox/0", Mark("")).moves)]

    one.settle(asked, marks)
    assert [type(each) for each in seen[0]] == [type(None), EarlyRefusal]
    assert (log.head(), log.marks(["inbox/0"])["inbox/0"].moves) == (1, 1)
    one.settle([request(closed("t"))], marks)
    one.settle([], marks)
    assert (log.head(), log.marks(["inbox/0"])["inbox/0"]) == (1, Mark("inbox/0", 3, (), 3))


def test_nothing_is_appended_where_a_mark_was_overtaken(log: PostgresLog) -> None:
    one = publisher(log)
    log.move([Mark("inbox/0", 7)])
    with pytest.raises(Overtaken):
        one.settle([request(school("s"))], lambda: [Mark("inbox/0", 1)])
    assert log.head() == 0
    assert settled(one, request(closed("s"), school("s")))[0][1] == Recorded(1)


def test_a_refusal_stands_while_others_append_what_it_does_not_rest_on(
    log: PostgresLog, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_log = PostgresLog(database_url)
    one, two = publisher(log), publisher(other_log)
    settled(one, request(school("s")))
    prepare = Mock(wraps=one._judge.prepare)
    monkeypatch.setattr(one._judge, "prepare", prepare)
    settled(two, request(school("elsewhere")))
    [[refused], [recorded]] = settled(one, request(closed("t", "t")), request(closed("s")))
    assert (type(refused), recorded, prepare.call_count) == (EarlyRefusal, Recorded(3), 1)
    settled(two, request(school("t"), school("w")))
    assert settled(one, request(closed("t", "t")), request(closed("w", "w"))) == [
        [Recorded(6)],
        [Recorded(7)],
    ]
    other_log.close()


def test_repeats_that_follow_a_repeat_cost_no_lost_append(
    log: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = publisher(log)
    details = [
        SchoolDetailsChanged(
            "s", str(number), id=str(number), source="urn:test", occurred_at=at("2024-02-01")
        )
        for number in range(3)
    ]
    settled(one, request(school("s"), *details))
    append = Mock(wraps=log.append)
    monkeypatch.setattr(log, "append", append)
    assert settled(one, request(details[0], school("t"))) == [[Repeated(2), Recorded(5)]]
    assert append.call_count == 2
    twice = request(details[1], details[1], school("u"), school("u"), details[2])
    expected = [Repeated(3), Repeated(3), Recorded(6), Repeated(6), Repeated(4)]
    assert settled(one, twice) == [expected]
    assert append.call_count == 3
