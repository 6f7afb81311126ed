"""The contract of the log, held against every implementation."""

import threading
from collections.abc import Callable, Sequence

import psycopg
import pytest

from adapters.postgres.log.log import PostgresLog
from adapters.postgres.log.schema import FormatFault
from events.entry import MAX_BYTES, EntryTooLarge, Proposal, Stored, key, parse
from streams.ports import (
    ANY,
    Change,
    Condition,
    History,
    IdentityTaken,
    Log,
    Mark,
    Overtaken,
    Selection,
    Stale,
)
from tests.logs.memory_log import MemoryLog

A, B, C = (key(each) for each in "abc")
X, Y, Z = (key(each) for each in "xyz")


def event(number: int, kind: str = "x", tags: str = "a", source: str = "s") -> Proposal:
    return Proposal(source, str(number), kind, number, tuple(tags), b"data")


def positions(found: Sequence[Stored]) -> list[int]:
    return [each.position for each in found]


@pytest.fixture
def filled(log: Log) -> Log:
    """Eight events: positions 1 to 8."""
    log.append([event(1, "x", "a"), event(2, "y", "ab"), event(3, "x", "b", "t")])
    log.append([event(4, "z", ""), event(5, "x", "abc")])
    log.append([event(6, "y", "c", "t"), event(7, "x", "a"), event(8, "z", "ca")])
    return log


def test_empty_log(log: Log) -> None:
    assert (log.head(), log.position_at(2**62)) == (0, 0)
    assert not log.read()
    assert not log.changes(0)
    assert not log.select(Selection())
    assert not log.histories([])
    assert not log.find([("s", "1")])
    assert not list(log.tail(0, 0, ()))


def test_positions_are_gapless_also_after_refusals(log: Log) -> None:
    assert log.append([event(1), event(2)]).first == 1
    with pytest.raises(IdentityTaken):
        log.append([event(3), event(1)])
    with pytest.raises(Stale):
        log.append([event(3)], Condition(0, {A: {X}}))
    assert log.append([event(3)]).first == 3
    assert positions(log.read()) == [1, 2, 3]
    assert log.head() == 3


def test_entry_is_what_was_proposed(log: Log) -> None:
    appended = log.append([Proposal("来源", "号", "类型", -5, ("标签",), b"\0" * 300)])
    header = parse(log.read()[0].entry)
    assert (header.source, header.id, header.type, header.occurred_at) == ("来源", "号", "类型", -5)
    assert (header.data, header.recorded_at) == (b"\0" * 300, appended.recorded_at)


def test_identity_is_taken_once(log: Log) -> None:
    log.append([event(1)])
    with pytest.raises(IdentityTaken):
        log.append([event(1, "y", "b")])
    with pytest.raises(IdentityTaken):
        log.append([event(2), event(2, "y")])
    log.append([event(1, source="t"), event(2)])
    assert log.head() == 3


def test_stale_comes_before_taken(log: Log) -> None:
    log.append([event(1)])
    with pytest.raises(Stale):
        log.append([event(1)], Condition(0, {A: {X}}))


@pytest.mark.parametrize(
    "reads",
    [{A: {X}}, {A: {Y, X}}, {A: {ANY}}, {ANY: {X}}, {ANY: {ANY}}, {C: {X}, B: {Z, Y}}],
    ids=["tag and type", "one of types", "any type", "any tag", "anything", "another tag"],
)
def test_condition_is_broken(log: Log, reads: dict[int, set[int]]) -> None:
    log.append([event(1, "x", "a"), event(2, "y", "ab")])
    with pytest.raises(Stale) as caught:
        log.append([event(3)], Condition(0, reads))
    assert caught.value.head == 2
    assert list(caught.value.others) == [Change(1, X, (A,)), Change(2, Y, (A, B))]
    assert log.head() == 2


@pytest.mark.parametrize("reads", [{}, {A: {Z}}, {B: {X}}, {C: {ANY}}, {ANY: {Z}}, {A: set[int]()}], ids=str)
def test_condition_holds(log: Log, reads: dict[int, set[int]]) -> None:
    log.append([event(1, "x", "a"), event(2, "y", "ab")])
    appended = log.append([event(3)], Condition(0, reads))
    assert appended.first == 3
    assert [change.position for change in appended.others] == [1, 2]


def test_condition_looks_only_behind_what_was_seen(log: Log) -> None:
    log.append([event(1, "x", "a")])
    assert not log.append([event(2, "x", "a")], Condition(1, {A: {X}})).others
    with pytest.raises(Stale) as caught:
        log.append([event(3)], Condition(1, {A: {X}}))
    assert [change.position for change in caught.value.others] == [2]


def test_condition_of_another_log_is_a_fault(log: Log) -> None:
    with pytest.raises(ValueError, match="has seen position 1, but the log ends at 0"):
        log.append([event(1)], Condition(1, {}))
    assert log.append([event(1)]).first == 1


def test_too_large_is_refused_and_the_largest_is_not(log: Log) -> None:
    room = MAX_BYTES - len(event(1).tail()) - 9 + len(b"data")
    with pytest.raises(EntryTooLarge):
        log.append([event(1), Proposal("s", "2", "x", 1, ("a",), bytes(room + 1))])
    log.append([Proposal("s", "2", "x", 1, ("a",), bytes(room))])
    assert [len(each.entry) for each in log.read()] == [MAX_BYTES]


def test_big_batches_and_many_tags(log: Log) -> None:
    many = tuple(f"tag{n}" for n in range(300))
    log.append([Proposal("s", str(n), "x", 0, many, bytes(50)) for n in range(300)])
    assert positions(log.histories([History(key("tag299"), (X,))])) == list(range(1, 301))


def test_repeated_tags_count_once(log: Log) -> None:
    log.append([event(1, tags="aba")])
    assert list(log.changes(0)) == [Change(1, X, (A, B))]
    assert positions(log.select(Selection((A,)))) == [1]


def test_changes(filled: Log) -> None:
    assert list(filled.changes(6)) == [Change(7, X, (A,)), Change(8, Z, (C, A))]
    assert next(iter(filled.changes(3))) == Change(4, Z, ())
    assert not filled.changes(8)


def test_read(filled: Log) -> None:
    assert positions(filled.read()) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert positions(filled.read(2, 7, 3)) == [3, 4, 5]
    assert positions(filled.read(6, 100)) == [7, 8]
    assert not filled.read(5, 5)


@pytest.mark.parametrize(
    "selection, expected",
    [
        (Selection(), [1, 2, 3, 4, 5, 6, 7, 8]),
        (Selection((A,)), [1, 2, 5, 7, 8]),
        (Selection((A, B)), [2, 5]),
        (Selection((B, A, C)), [5]),
        (Selection((A, A)), [1, 2, 5, 7, 8]),
        (Selection((A,), (X,)), [1, 5, 7]),
        (Selection((A,), (X, Z, X)), [1, 5, 7, 8]),
        (Selection((A, C), (Z,)), [8]),
        (Selection((), (X,)), [1, 3, 5, 7]),
        (Selection((), (X, Y)), [1, 2, 3, 5, 6, 7]),
        (Selection(source=key("t")), [3, 6]),
        (Selection((), (X,), key("t")), [3]),
        (Selection((C,), (), key("t")), [6]),
        (Selection((B, A), (X, Y), key("s")), [2, 5]),
        (Selection((key("absent"),)), []),
        (Selection((A, key("absent"))), []),
        (Selection((), (key("absent"),)), []),
        (Selection(source=key("absent")), []),
        (Selection((A,), after=2, upto=7), [5, 7]),
        (Selection((A,), limit=2), [1, 2]),
        (Selection((), (X, Z), after=3, limit=2), [4, 5]),
        (Selection(source=key("s"), upto=4, limit=2), [1, 2]),
        (Selection(limit=0), []),
    ],
    ids=str,
)
def test_select(filled: Log, selection: Selection, expected: list[int]) -> None:
    assert positions(filled.select(selection)) == expected


@pytest.mark.parametrize(
    "selection, expected",
    [
        (Selection(limit=3, backwards=True), [8, 7, 6]),
        (Selection((A,), backwards=True, limit=3), [8, 7, 5]),
        (Selection((A,), (X,), backwards=True), [7, 5, 1]),
        (Selection((), (X, Y), backwards=True, upto=6, limit=2), [6, 5]),
        (Selection(source=key("t"), backwards=True, limit=1), [6]),
    ],
    ids=str,
)
def test_select_backwards(filled: Log, selection: Selection, expected: list[int]) -> None:
    assert positions(filled.select(selection)) == expected


def test_histories(filled: Log) -> None:
    assert positions(filled.histories([History(A, (X, Y))])) == [1, 2, 5, 7]
    assert positions(filled.histories([History(A, (X,), 1), History(B, (X, Y)), History(A, (X,), 1)])) == [
        2,
        3,
        5,
        7,
    ]
    assert positions(filled.histories([History(C, (Y,), 6), History(C, (Z,), 6)])) == [8]
    assert positions(filled.histories([History(A, (X, Y))], 5)) == [1, 2, 5]
    assert not filled.histories([History(key("absent"), (X,)), History(A, ())])


def test_find(filled: Log) -> None:
    found = filled.find([("s", "1"), ("t", "6"), ("t", "1"), ("s", "1")])
    assert {identity: stored.position for identity, stored in found.items()} == {("s", "1"): 1, ("t", "6"): 6}


def test_tail(filled: Log) -> None:
    assert [at for batch in filled.tail(2, 7, ()) for at in positions(batch)] == [3, 4, 5, 6, 7]
    assert [at for batch in filled.tail(0, 8, [Z, Y]) for at in positions(batch)] == [2, 4, 6, 8]
    assert not list(filled.tail(0, 8, [key("absent")]))


def test_tail_walks_a_long_range_in_batches(log: Log) -> None:
    for start in range(0, 9000, 3000):
        log.append([event(n, "y" if n % 500 == 0 else "x") for n in range(start, start + 3000)])
    batches = [positions(batch) for batch in log.tail(10, 8990, ())]
    assert [at for batch in batches for at in batch] == list(range(11, 8991))
    assert max(map(len, batches)) <= 2000
    assert [at for batch in log.tail(0, 9000, [Y]) for at in positions(batch)] == list(range(1, 9000, 500))
    assert sum(map(len, log.tail(0, 9000, [X]))) == 9000 - 18


@pytest.fixture(params=["memory", "postgres"])
def log_at(request: pytest.FixtureRequest) -> Callable[[Callable[[], int]], Log]:
    """Make a log with a clock of the test's own."""
    if request.param == "memory":
        return lambda clock: MemoryLog(clock=clock)
    url = request.getfixturevalue("database_url")

    def postgres(clock: Callable[[], int]) -> Log:
        log = PostgresLog(url, clock=clock)
        request.addfinalizer(log.close)
        return log

    return postgres


def test_recorded_at_never_decreases(log_at: Callable[[Callable[[], int]], Log]) -> None:
    times = iter([50, 70, 60, 70, 90])
    log = log_at(lambda: next(times))
    assert [log.append([event(n)]).recorded_at for n in range(5)] == [50, 70, 70, 70, 90]
    assert [parse(each.entry).recorded_at for each in log.read()] == [50, 70, 70, 70, 90]
    assert [log.position_at(at) for at in (49, 50, 69, 70, 89, 90, 2**62)] == [0, 1, 1, 4, 4, 5, 5]


def test_threads_share_a_log(log: Log) -> None:
    def write(name: str) -> None:
        for number in range(20):
            log.append([event(number, source=name)])
            log.select(Selection((A,), limit=5))

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert positions(log.read()) == list(range(1, 121))
    assert positions(log.select(Selection(source=key("3")))) == sorted(
        each.position for each in log.read() if parse(each.entry).source == "3"
    )


def test_id_is_kept(log: Log, request: pytest.FixtureRequest) -> None:
    assert len(log.id) == 36
    if isinstance(log, PostgresLog):
        again = PostgresLog(request.getfixturevalue("database_url"))
        assert again.id == log.id
        again.close()


def test_marks_move_with_an_append_or_not_at_all(log: Log) -> None:
    assert not log.marks(["it's/0", "t/1"])
    log.append([event(1)], marks=[Mark("t/1", 5), Mark("it's/0", 7, (2, 3))])
    assert log.marks(["it's/0", "t/1", "t/2"]) == {
        "it's/0": Mark("it's/0", 7, (2, 3), 1),
        "t/1": Mark("t/1", 5, (), 1),
    }
    with pytest.raises(Stale):
        log.append([event(2)], Condition(0, {A: {X}}), [Mark("t/1", 6, (), 1)])
    with pytest.raises(IdentityTaken):
        log.append([event(1)], marks=[Mark("t/1", 6, (), 1)])
    assert log.marks(["t/1"])["t/1"].position == 5
    log.move([Mark("t/1", 9, (8,), 1, recorded=5, repeated=2, refused=1)])
    assert log.marks(["t/1"])["t/1"] == Mark("t/1", 9, (8,), 2, recorded=5, repeated=2, refused=1)


def test_a_mark_that_another_has_moved_stops_the_append(log: Log) -> None:
    log.move([Mark("t/0", 5), Mark("t/1", 1)])
    with pytest.raises(Overtaken):
        log.append([event(1)], marks=[Mark("t/1", 2, (), 1), Mark("t/0", 6, (), 0)])
    with pytest.raises(Overtaken):
        log.move([Mark("t/1", 3)])
    assert log.head() == 0
    assert [each.moves for each in log.marks(["t/0", "t/1"]).values()] == [1, 1]
    log.append([event(1)], marks=[Mark("t/1", 2, (), 1)])
    assert log.head() == 1


def test_a_log_of_another_format_is_refused(database_url: str) -> None:
    PostgresLog(database_url).close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("COMMENT ON SCHEMA log IS 'Pujiang log, format 0'")
        before = connection.execute("SELECT * FROM log.head").fetchone()
        with pytest.raises(FormatFault, match="is marked 'Pujiang log, format 0'"):
            PostgresLog(database_url)
        connection.execute("COMMENT ON SCHEMA log IS NULL")
        with pytest.raises(FormatFault, match="is marked ''"):
            PostgresLog(database_url)
        assert connection.execute("SELECT * FROM log.head").fetchone() == before
