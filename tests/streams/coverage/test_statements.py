"""What read models have folded, and hold back, is stated in the log: exactly, once, and so that gaps show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import psycopg
import pytest
from psycopg.types.json import Jsonb

from adapters.clock import now
from adapters.postgres.read.outbox_reader import PostgresOutbox
from domain.catalogue import RULES
from events.audit import (
    Applied,
    ContractsPublished,
    KeyHeld,
    KeyReleased,
    PublishedContract,
    QuarantineRetried,
    ReadModelsApplied,
    ReadModelsRebuilt,
    ReleaseTaken,
    Version,
)
from events.entry import key
from events.event import Event, Statement
from streams.coverage.check import Coverage, CoveredRange, coverage
from streams.coverage.statements import Accountant, NotStated, cause, release, tag_key
from streams.history.histories import Histories
from streams.history.version import digest
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.proof.bundle.contracts import NamedContract
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.request import Request
from streams.publish.warm_folds import WarmFolds
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from tests.logs.histories import City, append, model
from tests.streams.project.test_quarantine import FAULTY, POISONED, PUPILS, enrolled, promoted

STUDENTS = model("students")
DIGEST = digest(PUPILS)[:16]
RELEASE = release("1.0", [PUPILS])
KEY = tag_key(key("person:p-1"))


AGAIN = "INSERT INTO read.outbox OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@pytest.fixture(autouse=True)
def _faulty() -> Iterator[None]:
    FAULTY["on"] = True
    yield
    FAULTY["on"] = True


@pytest.fixture
def outbox(database_url: str) -> Iterator[PostgresOutbox]:
    opened = PostgresOutbox(database_url)
    yield opened
    opened.close()


@pytest.fixture
def live(open_: Open, parts: Parts) -> Projector:
    Rebuild(open_).bring_up([PUPILS])
    return Projector(parts.log, parts.codec, parts.store, [PUPILS])


@pytest.fixture
def accountant(parts: Parts, live: Projector, outbox: PostgresOutbox) -> Accountant:
    return accounting(parts, outbox)


def accounting(
    parts: Parts,
    outbox: PostgresOutbox,
    taken: ReleaseTaken = RELEASE,
    contracts: Sequence[NamedContract] = (),
) -> Accountant:
    judge = Judge(RULES, WarmFolds(Histories(parts.log, parts.codec), 1 << 24))
    publisher = Publisher(parts.log, parts.codec, judge, now)

    def publish(request: Request) -> Request:
        publisher.settle([request])
        return request

    return Accountant(parts.log, parts.codec, outbox, publish, taken, contracts=contracts)


def follow(live: Projector) -> None:
    while live.step():
        pass


def stated(parts: Parts) -> list[Event]:
    """Return the statements in the log, without what differs from run to run."""
    events = parts.codec.decode_all(parts.log.read(limit=100_000))
    return [
        msgspec.structs.replace(each, id="", source="", occurred_at=0, recorded_at=0, position=0)
        for each in events
        if isinstance(each, Statement)
    ]


def applied(after: int, upto: int, name: str = PUPILS.name) -> Applied:
    return Applied(name, DIGEST, after, upto)


def moved_by_hand(database_url: str, by: int) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE read.bookmarks SET position = position + %s", (by,))


def test_a_hold_and_its_release_are_stated_without_what_the_error_says(
    live: Projector, parts: Parts, accountant: Accountant
) -> None:
    append(parts.log, parts.codec, POISONED)
    follow(live)
    assert accountant.notes() == 1
    held = KeyHeld(
        model=PUPILS.name,
        digest=DIGEST,
        key=KEY,
        tag="person:p-1",
        at=3,
        event_type="roll.StudentPromoted",
        cause="ValueError",
    )
    assert stated(parts) == [RELEASE, held]
    # What cannot be released was held all along.
    live.retry(PUPILS.name)
    FAULTY["on"] = False
    live.retry(PUPILS.name)
    assert accountant.notes() == 3
    assert stated(parts)[2:] == [
        QuarantineRetried(model=PUPILS.name, digest=DIGEST, released=0, still_held=1),
        KeyReleased(model=PUPILS.name, digest=DIGEST, key=KEY, at=3),
        QuarantineRetried(model=PUPILS.name, digest=DIGEST, released=1, still_held=0),
    ]
    assert accountant.notes() == 0


def test_a_rebuild_is_stated_and_what_it_holds_still_is_not(
    live: Projector, open_: Open, parts: Parts, accountant: Accountant
) -> None:
    append(parts.log, parts.codec, POISONED)
    follow(live)
    accountant.notes()
    Rebuild(open_).run([PUPILS])
    assert accountant.notes() == 1
    assert stated(parts)[2:] == [ReadModelsRebuilt(release="1.0", ranges=[applied(0, 7)])]
    FAULTY["on"] = False
    Rebuild(open_).run([PUPILS])
    assert accountant.notes() == 2
    assert [type(each) for each in stated(parts)[3:]] == [ReadModelsRebuilt, KeyReleased]
    assert coverage(parts.log, parts.codec)[PUPILS.name].held == {}


def test_ranges_join_and_a_city_that_stands_still_states_nothing(
    live: Projector, parts: Parts, accountant: Accountant
) -> None:
    assert not accountant.ranges(now(), 0)
    append(parts.log, parts.codec, [enrolled(1, "p-1"), enrolled(2, "p-2")])
    follow(live)
    assert accountant.ranges(now(), 0)
    for _ in range(3):
        follow(live)
        assert not accountant.ranges(now(), 0)
    append(parts.log, parts.codec, [enrolled(3, "p-3")])
    follow(live)
    assert not accountant.ranges(now(), 60_000_000)
    assert accountant.ranges(now(), 0)
    ranges = [each.ranges for each in stated(parts) if isinstance(each, ReadModelsApplied)]
    assert ranges == [[applied(0, 2)], [applied(2, 5)]]
    assert coverage(parts.log, parts.codec) == {
        PUPILS.name: Coverage(PUPILS.name, [CoveredRange(0, 5, DIGEST)])
    }


def test_a_stretch_that_was_skipped_is_a_gap_and_replay_finds_it(
    live: Projector, open_: Open, parts: Parts, accountant: Accountant, database_url: str
) -> None:
    append(parts.log, parts.codec, [enrolled(each, f"p-{each}") for each in range(1, 4)])
    follow(live)
    assert accountant.ranges(now(), 0)
    append(parts.log, parts.codec, [enrolled(each, f"p-{each}") for each in range(4, 8)])
    moved_by_hand(database_url, 4)
    append(parts.log, parts.codec, [enrolled(9, "p-9")])
    follow(live)
    assert accountant.ranges(now(), 0)
    told = coverage(parts.log, parts.codec)[PUPILS.name]
    assert told.gaps == [CoveredRange(3, 7)]
    assert [(each.after, each.upto) for each in told.folded] == [(0, 3), (7, parts.log.head() - 1)]
    # Positions 4 and 5 are the statements.
    assert {each.key for each in replay(open_, [PUPILS])} == {("p-4",), ("p-5",)}
    Rebuild(open_).run([PUPILS])
    accountant.notes()
    assert coverage(parts.log, parts.codec)[PUPILS.name].gaps == []
    assert list(replay(open_, [PUPILS])) == []


def test_a_stretch_goes_on_when_its_model_is_parted(
    live: Projector, parts: Parts, outbox: PostgresOutbox
) -> None:
    append(parts.log, parts.codec, [enrolled(1, "p-1"), enrolled(2, "p-2")])
    follow(live)
    _, before = outbox.read()
    for partitions in (3, 1):
        with parts.store.transaction() as store:
            store.repartition(PUPILS.name, partitions, 2)
        assert outbox.read()[1] == before


def test_what_an_older_version_has_folded_is_a_gap(
    live: Projector, parts: Parts, accountant: Accountant, database_url: str
) -> None:
    append(parts.log, parts.codec, [enrolled(1, "p-1")])
    follow(live)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE read.bookmarks SET applied_after = NULL, applied_upto = NULL")
    assert not accountant.ranges(now(), 0)
    append(parts.log, parts.codec, [enrolled(2, "p-2")])
    follow(live)
    assert accountant.ranges(now(), 0)
    assert coverage(parts.log, parts.codec)[PUPILS.name].gaps == [CoveredRange(0, 1)]


def test_who_dies_between_the_append_and_what_follows_it_states_nothing_twice(
    live: Projector, open_: Open, parts: Parts, accountant: Accountant, outbox: PostgresOutbox
) -> None:
    append(parts.log, parts.codec, POISONED)
    follow(live)
    Rebuild(open_).run([PUPILS])

    class Died(Exception):
        pass

    class Dying(PostgresOutbox):
        def settle(self, _: object) -> None:
            raise Died

    outbox.close()
    with pytest.raises(Died):
        accounting(parts, dying := Dying(outbox._url)).notes()
    dying.close()
    before = stated(parts)
    assert before
    again = PostgresOutbox(outbox._url)
    assert accounting(parts, again).notes() == 2
    assert [type(each) for each in stated(parts)] == [ReleaseTaken, KeyHeld, ReadModelsRebuilt]
    assert again.read()[0] == []
    again.close()


def test_software_is_stated_when_it_is_not_the_last_and_not_in_an_empty_log(
    parts: Parts, accountant: Accountant, outbox: PostgresOutbox
) -> None:
    assert not accountant.release(now())
    append(parts.log, parts.codec, [enrolled(1, "p-1")])
    assert accountant.release(now())
    assert not accountant.release(now())
    other = msgspec.structs.replace(RELEASE, models=[Version(PUPILS.name, "0" * 16)])
    assert accounting(parts, outbox, other).release(now())
    assert accounting(parts, outbox, RELEASE).release(now())
    assert stated(parts) == [RELEASE, other, RELEASE]


def test_each_contract_is_stated_once(
    live: Projector, parts: Parts, outbox: PostgresOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.coverage.statements.CONTRACTS", 2)
    one, two, three, four = (NamedContract(f"x.X.{n}", n, f"{n}" * 64) for n in range(1, 5))
    assert not accounting(parts, outbox, contracts=[one]).release(now())
    append(parts.log, parts.codec, [enrolled(1, "p-1")])
    first = accounting(parts, outbox, contracts=[one, two, three])
    assert [first.release(now()), first.release(now())] == [True, False]
    changed = NamedContract(two.name, two.number, "f" * 64)
    later = accounting(parts, outbox, contracts=[one, changed, three, four])
    assert [later.release(now()), later.release(now())] == [True, False]
    assert stated(parts) == [
        RELEASE,
        *(
            ContractsPublished(
                release="1.0",
                contracts=[PublishedContract(each.name, each.number, each.digest) for each in some],
            )
            for some in ([one, two], [three], [four])
        ),
    ]


def test_one_process_states_at_a_time(live: Projector, parts: Parts, database_url: str) -> None:
    append(parts.log, parts.codec, POISONED)
    follow(live)
    one, other = PostgresOutbox(database_url), PostgresOutbox(database_url)
    assert one.mine()
    assert accounting(parts, other).notes() == 0
    one.close()
    assert accounting(parts, other).notes() == 1
    other.close()


def test_a_statement_that_is_not_taken_is_a_fault(
    live: Projector, parts: Parts, accountant: Accountant, database_url: str
) -> None:
    append(parts.log, parts.codec, POISONED)
    follow(live)
    with psycopg.connect(database_url) as connection:
        kept = connection.execute("SELECT * FROM read.outbox").fetchone()
        assert kept is not None
    accountant.notes()
    with psycopg.connect(database_url) as connection:
        connection.execute(AGAIN, [Jsonb(each) if isinstance(each, dict) else each for each in kept])
        connection.execute("UPDATE read.outbox SET position = 4")
    with pytest.raises(NotStated, match="KeyHeld"):
        accountant.notes()


@pytest.mark.parametrize("seed", range(2))
def test_all_that_a_busy_city_has_is_covered(
    open_: Open, parts: Parts, outbox: PostgresOutbox, seed: int
) -> None:
    chosen = [STUDENTS, model("schools"), model("persons")]
    Rebuild(open_).bring_up(chosen)
    live = Projector(parts.log, parts.codec, parts.store, chosen)
    accountant, city = accounting(parts, outbox), City(seed, merges=0.05, retractions=0.05)
    for round_ in range(12):
        append(parts.log, parts.codec, city.events(40))
        follow(live)
        if round_ == 7:
            Rebuild(open_).run(chosen[:1])
        accountant.notes()
        assert accountant.ranges(now(), 0)
    told = coverage(parts.log, parts.codec)
    assert set(told) == {each.name for each in chosen}
    for each in chosen:
        assert told[each.name].gaps == []
        assert told[each.name].folded == [CoveredRange(0, told[each.name].upto, digest(each)[:16])]
        assert told[each.name].upto >= 12 * 40


@pytest.mark.parametrize(
    "reason, told",
    [
        ("ValueError: 310101199001011234 is no number", "ValueError"),
        ("KeyError: 'Wang'", "KeyError"),
        ("json.JSONDecodeError: x", "json.JSONDecodeError"),
        ("an event before it is held", "unknown"),
        ("王五: x", "unknown"),
    ],
)
def test_only_the_kind_of_an_error_is_stated(reason: str, told: str) -> None:
    assert cause(reason) == told


def test_what_is_held_is_in_order(live: Projector, parts: Parts, accountant: Accountant) -> None:
    append(parts.log, parts.codec, [enrolled(1, "p-1", 13), enrolled(2, "p-2", 13), promoted(3, "p-1", 2)])
    follow(live)
    assert accountant.notes() == 2
    assert [(each.tag, each.at) for each in stated(parts) if isinstance(each, KeyHeld)] == [
        ("person:p-1", 1),
        ("person:p-2", 2),
    ]
