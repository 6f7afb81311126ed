"""The `eventsourcing` library's own recorder tests, and what they leave out, over our logs."""

from collections.abc import Sequence
from typing import cast

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError
from msgspec import structs

from adapters.library import dcb
from adapters.library.dcb import LogRecorder
from events.entry import Proposal, Stored, key
from streams.ports import Appended, Condition, Log, LogUnavailable, Selection

_SUITE = DCBRecorderTestCase()


def _tagged(tag: str) -> DCBQuery:
    return DCBQuery([DCBQueryItem(tags=[tag])])


def _other_sources(event_id: str) -> Proposal:
    return Proposal("city.roll", event_id, "type1", 0, ("tagX",), bytes(5))


def test_library_append_and_read(log: Log) -> None:
    _SUITE._test_append_read(LogRecorder(log))


def test_library_append_and_read_behind_other_events(log: Log) -> None:
    log.append([_other_sources("1")])
    recorder = LogRecorder(log)
    assert recorder.append([DCBEvent("type1", b"data", ["tagX"])]) == 2
    assert [each.position for each in recorder.read(_tagged("tagX"))] == [2]
    assert [each.position for each in recorder.read()] == [2]


def test_library_append_and_subscribe(log: Log) -> None:
    _SUITE._test_append_subscribe(LogRecorder(log))


def test_event_comes_back_as_it_was(log: Log) -> None:
    recorder = LogRecorder(log)
    event = DCBEvent("type", bytes(range(256)), ["b", "a", "b", "标签"])
    recorder.append([event])
    assert [each.event for each in recorder.read(_tagged("标签"))] == [event]


def test_reading_pages_through_a_long_history(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dcb, "_PAGE", 3)
    recorder = LogRecorder(log)
    recorder.append([DCBEvent(f"type{n % 2}", b"", [f"tag{n % 3}"]) for n in range(20)])
    query = DCBQuery([DCBQueryItem(types=["type0"]), DCBQueryItem(tags=["tag1"])])
    expected = [n + 1 for n in range(20) if n % 2 == 0 or n % 3 == 1]
    assert [each.position for each in recorder.read(query)] == expected
    with recorder.subscribe(query) as subscription:
        assert [next(subscription).position for _ in expected] == expected


def test_two_tags_with_one_key_are_told_apart(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dcb, "key", lambda text: key("same" if text.startswith("twin") else text))
    twins = [dcb._proposal(DCBEvent("type", b"", [tag])) for tag in ("twin1", "twin2")]
    log.append([structs.replace(twin, tags=("same",)) for twin in twins])
    assert [each.position for each in LogRecorder(log).read(_tagged("twin1"))] == [1]
    assert [each.position for each in LogRecorder(log).read(_tagged("twin2"))] == [2]


def test_wider_keys_do_not_refuse_what_the_query_admits(log: Log) -> None:
    recorder = LogRecorder(log)
    query = DCBQuery([DCBQueryItem(tags=["a", "b"])])
    first = _RacedLog(log, DCBEvent("type", b"", ["a"]))
    assert LogRecorder(cast("Log", first)).append([DCBEvent("type", b"", [])], DCBAppendCondition(query)) == 2
    second = _RacedLog(log, DCBEvent("type", b"", ["a", "b"]))
    with pytest.raises(IntegrityError):
        LogRecorder(cast("Log", second)).append([DCBEvent("type", b"", [])], DCBAppendCondition(query))
    assert recorder.head() == 3


def test_subscription_goes_on_after_a_fault(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dcb, "_PAGE", 2)
    recorder = LogRecorder(log)
    recorder.append([DCBEvent("type", b"", []) for _ in range(4)])
    select, calls = log.select, list[Selection]()

    def failing(selection: Selection) -> Sequence[Stored]:
        calls.append(selection)
        if len(calls) == 2:
            raise LogUnavailable
        return select(selection)

    monkeypatch.setattr(log, "select", failing)
    with recorder.subscribe() as subscription:
        seen = [next(subscription).position, next(subscription).position]
        with pytest.raises(LogUnavailable):
            next(subscription)
        seen += [next(subscription).position, next(subscription).position]
    assert seen == [1, 2, 3, 4]


class _RacedLog:
    """A log into which another appends an event just before the first conditional append."""

    def __init__(self, log: Log, event: DCBEvent) -> None:
        self._log, self._event = log, event
        self.head, self.select = log.head, log.select
        self._raced = False

    def append(self, batch: list[Proposal], condition: Condition | None = None) -> Appended:
        if not self._raced:
            self._raced = True
            LogRecorder(self._log).append([self._event])
        return self._log.append(batch, condition)
