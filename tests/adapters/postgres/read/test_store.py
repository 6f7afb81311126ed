from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from adapters.postgres.read.columns import columns
from adapters.postgres.read.store import PostgresReadModels
from adapters.postgres.read.transaction import CHANNEL
from events.roll.schools import SchoolRegistered
from projections.read_model import ReadModel
from streams.read_ports import Held, Line, Renamed, Table, Unstorable


class Inner(Struct):
    """A part of a row."""

    text: str
    number: int | None = None


class Wide(Struct):
    """A row with a field of each type."""

    school: str
    number: int
    text: str = ""
    maybe: str | None = None
    big: int = 0
    ratio: float = 0.0
    flag: bool = False
    sealed: bytes = b""
    maybe_sealed: bytes | None = None
    inner: Inner | None = None
    inners: list[Inner] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def wide(row: Wide, event: SchoolRegistered) -> None:
    """Do nothing."""


WIDE = ReadModel(
    "test-wide",
    "school",
    Wide,
    wide,
    parts=lambda _: [(1,)],
    filter=("text", "school", "flag"),
    sort=("big",),
)
FULL = Wide(
    "学校 \\u0000 \"'",
    -5,
    "a\nb\t\\",
    "",
    2**63 - 1,
    0.1,
    flag=True,
    sealed=bytes(range(256)),
    maybe_sealed=b"",
    inner=Inner("内", 2**53 + 1),
    inners=[Inner("\\N"), Inner('"')],
    counts={"a": 1, "": 2},
)
EMPTY = Wide("s", 1)


@pytest.fixture
def store(database_url: str) -> Iterator[PostgresReadModels]:
    opened = PostgresReadModels(database_url)
    yield opened
    opened.close()


@pytest.fixture
def table(store: PostgresReadModels) -> Table:
    return store.create(WIDE, "0123456789abcdef")


def lines() -> list[Line]:
    return [Line(FULL, 7), Line(EMPTY, 8)]


def keys() -> list[tuple[str, int]]:
    return [(FULL.school, FULL.number), (EMPTY.school, EMPTY.number), ("nobody", 3)]


@pytest.mark.parametrize("filled", [True, False])
def test_rows_come_back_as_they_went(store: PostgresReadModels, table: Table, *, filled: bool) -> None:
    if filled:
        store.fill(table, lines())
    with store.transaction() as transaction:
        if not filled:
            transaction.write(table, lines())
        assert list(transaction.load(table, keys()).values()) == lines()
        assert set(transaction.of_tags(table, ["s"])) == {("s", 1)}
        transaction.write(table, [Line(Wide("s", 1, "changed"), 9)])
        transaction.remove(table, {keys()[0]: None})
        assert list(transaction.load(table, keys()).values()) == [Line(Wide("s", 1, "changed"), 9)]
        transaction.touch(table, {"s": 12})
        assert transaction.load(table, keys())["s", 1].position == 12
        transaction.touch(table, {"s": 11})
        assert transaction.load(table, keys())["s", 1].position == 12


def test_text_with_nul_is_told_before_anything_is_written(store: PostgresReadModels, table: Table) -> None:
    bad = [*lines(), Line(Wide("n", 1, inners=[Inner("a\0")]), 9)]
    with store.transaction() as transaction:
        with pytest.raises(Unstorable) as told:
            transaction.write(table, bad)
        assert told.value.keys == [("n", 1)]
        assert not transaction.load(table, keys())
    with pytest.raises(Unstorable) as told:
        store.fill(table, bad)
    assert told.value.keys == [("n", 1)]


def test_a_failed_transaction_leaves_nothing(store: PostgresReadModels, table: Table) -> None:
    def fail() -> None:
        with store.transaction() as transaction:
            transaction.write(table, lines())
            transaction.hold("m", [Held(1, None, 1, 2, "t", "r")])
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert store.held("m") == []
    with store.transaction() as transaction:
        assert not transaction.load(table, keys())


def test_swaps_bookmarks_and_news(store: PostgresReadModels, table: Table, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with store.transaction() as transaction:
            transaction.swap(table, "digest", 5)
            transaction.announce(5)
        (news,) = listener.notifies(timeout=5, stop_after=1)
    assert news.payload == "5"
    live = store.live()["test-wide"]
    assert (live.table, live.digest, live.partitions, live.position) == (table.name, "digest", 1, 5)
    other = store.create(WIDE, "0123456789abcdef")
    assert other.name != table.name
    with store.transaction() as transaction:
        transaction.move({("test-wide", 0): 6})
        (moved,) = transaction.lock([("test-wide", 0), ("test-wide", 1), ("no-model", 0)]).values()
        assert (moved.epoch, moved.position) == (live.epoch + 1, 6)
        transaction.move({("test-wide", 0): 7}, changed=False)
        assert (store.live()["test-wide"].epoch, store.live()["test-wide"].position) == (live.epoch + 1, 7)
    assert store.sweep(60) == 1
    assert store.live()["test-wide"].table == table.name


CHANGING = {
    "write": lambda of, table: of.write(table, [Line(Wide("s", 1), 5)]),
    "remove": lambda of, table: of.remove(table, {("s", 1): None}),
    "touch": lambda of, table: of.touch(table, {"s": 9}),
    "touch rows": lambda of, table: of.touch_rows(table, {("s", 1): 9}),
    "swap": lambda of, table: of.swap(table, "digest", 5),
}
LEAVING = {
    "move": lambda of, _: of.move({("test-wide", 0): 6}),
    "idle": lambda of, _: of.move({("test-wide", 0): 7}, changed=False),
    "repartition": lambda of, _: of.repartition("test-wide", 3, 5),
    "hold": lambda of, _: of.release("test-wide"),
}


@given(calls=st.lists(st.sampled_from([*CHANGING, *LEAVING]), max_size=6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_version_rises_with_each_transaction_that_changes_rows_and_no_other(
    store: PostgresReadModels, table: Table, database_url: str, calls: list[str]
) -> None:
    def version() -> int:
        with psycopg.connect(database_url) as connection:
            found = connection.execute("SELECT sum(version)::bigint FROM read.bookmarks").fetchone()
        assert found is not None
        return int(found[0])

    with store.transaction() as transaction:
        transaction.swap(table, "digest", 5)
    before = version()
    with store.transaction() as transaction:
        for call in calls:
            (CHANGING | LEAVING)[call](transaction, table)
    if CHANGING.keys() & set(calls):
        assert version() > before
    else:
        assert version() == before


def test_partitions_have_bookmarks_of_their_own(store: PostgresReadModels, table: Table) -> None:
    with store.transaction() as transaction:
        transaction.swap(table, "digest", 5)
        before = store.live()["test-wide"].epoch
        transaction.repartition("test-wide", 3, 5)
        assert list(transaction.lock()) == [("test-wide", 0), ("test-wide", 1), ("test-wide", 2)]
        transaction.move({("test-wide", 1): 8, ("test-wide", 2): 7})
    live = store.live()["test-wide"]
    assert (live.partitions, live.position) == (3, 5)
    assert live.epoch > before
    marks = store.snapshot(table, []).bookmarks
    assert [marks[number].position for number in range(3)] == [5, 8, 7]
    with store.transaction() as transaction:
        transaction.swap(table, "other", 9)
        assert {each.position for each in transaction.lock().values()} == {9}
        transaction.repartition("test-wide", 1, 9)
        assert store.live()["test-wide"].epoch > live.epoch
        assert list(transaction.lock()) == [("test-wide", 0)]


def test_the_newest_alias_is_kept(store: PostgresReadModels, database_url: str) -> None:
    with store.transaction() as transaction:
        transaction.rename([Renamed("person", "a", "b", 3), Renamed("person", "a", None, 5)])
        transaction.rename([Renamed("person", "a", "c", 4)])
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT * FROM read.aliases").fetchall() == [("person", "a", None, 5)]


def test_filters_are_indexed(store: PostgresReadModels, table: Table, database_url: str) -> None:
    store.fill(table, lines())
    store.finish(table)
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (table.name,))
        indexed = {text.rpartition("(")[2] for (text,) in found}
    assert indexed == {"school, number)", "text)", "flag)"}


def test_columns_follow_from_the_row() -> None:
    assert [(each.name, each.sql, each.nullable) for each in columns(WIDE)][2:10] == [
        ("text", "text", False),
        ("maybe", "text", True),
        ("big", "bigint", False),
        ("ratio", "double precision", False),
        ("flag", "boolean", False),
        ("sealed", "bytea", False),
        ("maybe_sealed", "bytea", True),
        ("inner", "jsonb", True),
    ]


def test_a_lost_connection_is_made_again(store: PostgresReadModels, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(psycopg.OperationalError):
        store.live()
    assert store.live() == {}
