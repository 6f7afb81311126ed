"""Keys are stored for what is recorded, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from adapters.door.door import Door
from adapters.keys.sealer import Sealer
from adapters.keys.store import KeyStore, open_store
from adapters.wire.bad_input import BadInput
from domain.catalogue import RULES
from events.catalogue import publishable
from events.contract import personal_fields, tag_fields
from events.event import Event
from streams.ground.judging_plan import JudgingPlan
from streams.history.histories import Histories
from streams.publish.judge import Judge
from streams.publish.new_keys import NewKeys
from streams.publish.publisher import Publisher
from streams.publish.request import (
    Admissible,
    IdentityConflict,
    Recorded,
    Refusal,
    Repeated,
    Request,
)
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, at
from tests.adapters.sent import data
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC

LIGHT = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
PERSONAL = sorted(name for name, cls in publishable().items() if personal_fields(cls))
PERSON = {"person": "p-1", "name": "王小明", "birth_date": "2015-05-05"}
PAIR = ("p-1", "person")


class Town:
    """A log, and places that publish to it with one key store, each a process of its own."""

    def __init__(self, stores: ExitStack, url: str) -> None:
        self.log = MemoryLog()
        self._stores, self._url = stores, url

    def process(self) -> Process:
        store = open_store(self._url)
        self._stores.callback(store.close)
        return Process(self.log, store)


class Process:
    def __init__(self, log: MemoryLog, store: KeyStore) -> None:
        judge = Judge(RULES, WarmFolds(Histories(log, CODEC), WARM_BYTES))
        self.log, self.store, self.sealer = log, store, Sealer(store.keys, store.secrets)
        self.door = Door(CODEC, self.sealer)
        self.publisher = Publisher(log, CODEC, judge, lambda: at("2030-01-01"), NewKeys(store.keys))

    def settle(self, request: Request, *, dry_run: bool = False) -> Any:
        request.dry_run = dry_run
        self.publisher.settle([request])
        return request.verdicts[0]

    def names(self) -> list[str | None]:
        events: list[Any] = CODEC.decode_all(self.log.read())
        return self.sealer.open_batch([each.name for each in events])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stores:
        yield Town(stores, f"sqlite:///{tmp_path}/keys.db")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with ExitStack() as stores:
        yield Town(stores, f"sqlite:///{tmp_path_factory.mktemp('keys')}/keys.db").process()


def envelope(name: str, sent: Mapping[str, Any], time: str = "2024-09-01") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:test",
        "type": name,
        "time": f"{time}T08:00:00+08:00",
        "data": sent,
    }


def registered(process: Process, **changes: str) -> Request:
    sent = envelope("identity.PersonRegistered", PERSON | changes)
    return process.door.single(msgspec.json.encode(sent))


def documented(process: Process, person: str, number: str) -> Request:
    more = {"person": person, "document": number, "document_kind": "resident-identity-card"}
    sent = envelope("identity.PersonRegistered", PERSON | more) | {"id": f"{person}-{number[:4]}"}
    return process.door.single(msgspec.json.encode(sent))


def stored(store: KeyStore) -> list[Any]:
    with_keys = store.keys._stored.page(0, 10_000)
    return [(each.id, each.person, each.retention) for each in with_keys]


@pytest.mark.parametrize("name", PERSONAL)
def test_what_is_not_recorded_leaves_no_key(process: Process, name: str) -> None:
    cls = publishable()[name]

    @LIGHT
    @given(data(cls))
    def leaves_none(sent: dict[str, Any]) -> None:
        tried = envelope(name, sent)
        process.settle(process.door.batch(msgspec.json.encode([tried])), dry_run=True)
        refused = envelope(name, sent, time="2031-01-01")
        verdict = process.settle(process.door.batch(msgspec.json.encode([refused])))
        assert isinstance(verdict, Refusal)
        with pytest.raises(BadInput):
            process.door.batch(msgspec.json.encode([tried, tried | {"time": "2024"}]))
        assert stored(process.store) == []

    leaves_none()


def test_what_is_recorded_can_be_opened_by_all(town: Town) -> None:
    one, other = town.process(), town.process()
    assert one.settle(registered(one)) == Recorded(1)
    assert one.names() == other.names() == ["王小明"]
    assert other.settle(registered(other)) == Repeated(1)
    assert len(stored(one.store)) == 1


def test_an_event_is_sealed_with_the_key_that_was_stored_first(town: Town) -> None:
    one, other = town.process(), town.process()
    first, second = registered(one), registered(other)
    other.store.keys.get_or_make([PAIR])
    assert one.settle(first) == Recorded(1)
    assert other.settle(second) == Repeated(1)
    assert other.names() == one.names() == ["王小明"]
    assert len(stored(one.store)) == 1


def test_a_key_that_is_stored_between_judging_and_appending_is_used(town: Town) -> None:
    one, other = town.process(), town.process()
    request, keys = registered(one), one.store.keys
    store = keys.store

    def late(drafts: Any) -> Any:
        other.store.keys.get_or_make([PAIR])
        return store(drafts)

    keys.store = late  # type: ignore[method-assign,assignment]
    assert one.settle(request) == Recorded(1)
    assert other.names() == ["王小明"]
    assert len(stored(one.store)) == 1


@pytest.mark.parametrize("dry_run", [False, True])
def test_two_processes_that_took_the_same_event_in_agree_that_it_is_the_same(
    town: Town, *, dry_run: bool
) -> None:
    one, other = town.process(), town.process()
    first, second = registered(one), registered(other)
    twin, clash = registered(other), registered(other, name="王大明")
    assert one.settle(first) == Recorded(1)
    assert other.settle(second, dry_run=dry_run) == Repeated(1)
    other.publisher.settle([twin, clash])
    assert [*twin.verdicts, *clash.verdicts] == [Repeated(1), IdentityConflict(1)]


def test_twins_in_one_group_are_the_same(town: Town) -> None:
    process = town.process()
    group = [registered(process), registered(process), registered(process, name="王大明")]
    process.publisher.settle(group)
    assert [each.verdicts[0] for each in group] == [Recorded(1), Repeated(1), IdentityConflict(1)]


def test_a_key_destroyed_after_the_door_refuses_the_event(town: Town) -> None:
    process = town.process()
    request, later = registered(process), registered(process)
    process.store.keys.destroy([PAIR])
    verdict = process.settle(request)
    assert (verdict.code, verdict.rule) == ("erased", "log.key_not_destroyed")
    assert process.settle(later, dry_run=True).code == "erased"
    assert town.log.head() == 0


def test_an_atomic_request_that_is_withdrawn_leaves_no_key(town: Town) -> None:
    process = town.process()
    sent = [
        envelope("identity.PersonRegistered", PERSON),
        envelope("roll.SchoolClosed", {"school": "nowhere", "reason": ""}) | {"id": "2"},
    ]
    request = process.door.batch(msgspec.json.encode(sent))
    request.atomic = True
    process.publisher.settle([request])
    assert isinstance(request.verdicts[0], Admissible)
    assert stored(process.store) == []


def test_a_dry_run_does_not_tell_whether_a_guessed_document_exists(town: Town) -> None:
    process = town.process()
    known = "31010120150505123X"
    assert process.settle(documented(process, "p-1", known)) == Recorded(1)
    guessed, unknown = documented(process, "p-2", known), documented(process, "p-2", "11010519491231002X")
    verdict = process.settle(guessed, dry_run=True)
    assert isinstance(verdict, Admissible)
    assert "identity" in "".join(verdict.not_tried)
    assert process.settle(unknown, dry_run=True) == verdict
    assert isinstance(process.settle(guessed), Refusal)


@pytest.mark.parametrize("cls", publishable().values(), ids=publishable())
def test_a_dry_run_leaves_out_the_rules_on_hashed_tags_and_no_others(cls: type[Event]) -> None:
    hashed = {each.tag.kind for each in tag_fields(cls) if each.tag and each.tag.hashed}
    folds = tuple(dict.fromkeys(each.fold for rule in RULES for each in rule.readings))
    for check in JudgingPlan(cls, RULES, (), folds).checks:
        assert check.hashed == any(fold.tag in hashed for _, fold, _ in check.reads)


def test_a_publisher_without_a_key_store_appends_nothing_that_nobody_could_open(town: Town) -> None:
    process = town.process()
    judge = Judge(RULES, WarmFolds(Histories(town.log, CODEC), WARM_BYTES))
    with pytest.raises(NotImplementedError):
        Publisher(town.log, CODEC, judge, lambda: at("2030-01-01")).settle([registered(process)])
    assert town.log.head() == 0


def test_events_of_a_request_stay_what_was_sent(town: Town) -> None:
    process = town.process()
    request = registered(process)
    before: Event = request.events[0]
    process.settle(request)
    assert request.events[0] == before
