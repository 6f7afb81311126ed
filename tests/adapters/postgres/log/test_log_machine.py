"""PostgreSQL and memory do the same, whatever is asked of them in whatever order."""

from collections.abc import Callable
from typing import Any

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from adapters.postgres.log.log import PostgresLog
from events.entry import Proposal, key
from streams.ports import ANY, Condition, History, IdentityTaken, Selection, Stale
from streams.tree.merkle import Tile
from tests.logs.memory_log import MemoryLog

TEXTS = st.sampled_from(["a", "b", "c", "学校"])
KEYS = st.builds(key, TEXTS)
WIDE_KEYS = KEYS | st.just(ANY)
PROPOSALS = st.builds(
    Proposal,
    source=st.sampled_from(["s", "t"]),
    id=st.integers(0, 60).map(str),
    type=TEXTS,
    occurred_at=st.integers(-(2**63), 2**63 - 1),
    tags=st.lists(TEXTS, max_size=4).map(tuple),
    data=st.binary(max_size=20),
)
READS = st.dictionaries(WIDE_KEYS, st.frozensets(WIDE_KEYS, max_size=2), max_size=2)
POSITIONS = st.integers(0, 40)
SELECTIONS = st.builds(
    Selection,
    tags=st.lists(KEYS, max_size=3).map(tuple),
    types=st.lists(KEYS, max_size=3).map(tuple),
    source=st.none() | st.sampled_from([key("s"), key("t")]),
    after=POSITIONS,
    upto=st.none() | POSITIONS,
    limit=st.integers(0, 20),
    backwards=st.booleans(),
)
HISTORIES = st.lists(
    st.builds(History, tag=KEYS, types=st.lists(KEYS, max_size=3).map(tuple), after=POSITIONS), max_size=4
)
SETTINGS = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class TwoLogs(RuleBasedStateMachine):
    """One clock, two logs, every answer compared."""

    postgres: PostgresLog
    empty: Callable[[], None]

    @initialize()
    def start(self) -> None:
        self.empty()
        self.time = 1000
        self.memory = MemoryLog(clock=lambda: self.time)
        self.postgres._appender._clock = lambda: self.time

    def both(self, ask: Callable[[Any], Any]) -> None:
        assert answer(ask, self.postgres) == answer(ask, self.memory)

    @rule(step=st.integers(-5, 50))
    def time_passes(self, step: int) -> None:
        self.time += step

    @rule(batch=st.lists(PROPOSALS, min_size=1, max_size=5))
    def append(self, batch: list[Proposal]) -> None:
        self.both(lambda log: log.append(batch))

    @rule(batch=st.lists(PROPOSALS, min_size=1, max_size=5), ago=st.integers(-1, 8), reads=READS)
    def append_if(self, batch: list[Proposal], ago: int, reads: dict[int, frozenset[int]]) -> None:
        condition = Condition(max(self.memory.head() - ago, 0), reads)
        self.both(lambda log: log.append(batch, condition))

    @rule(selection=SELECTIONS)
    def select(self, selection: Selection) -> None:
        self.both(lambda log: log.select(selection))

    @rule(wanted=HISTORIES, upto=st.none() | POSITIONS)
    def histories(self, wanted: list[History], upto: int | None) -> None:
        self.both(lambda log: log.histories(wanted, upto))

    @rule(after=POSITIONS, upto=POSITIONS, types=st.lists(KEYS, max_size=2))
    def tail(self, after: int, upto: int, types: list[int]) -> None:
        self.both(lambda log: [each for batch in log.tail(after, upto, types) for each in batch])

    @rule(
        identities=st.lists(st.tuples(st.sampled_from(["s", "t"]), st.integers(0, 60).map(str)), max_size=5)
    )
    def find(self, identities: list[tuple[str, str]]) -> None:
        self.both(lambda log: log.find(identities))

    @rule(after=POSITIONS, at=st.integers(900, 1500))
    def look(self, after: int, at: int) -> None:
        self.both(lambda log: (list(log.changes(after)), log.position_at(at)))

    @invariant()
    def same(self) -> None:
        if hasattr(self, "memory"):
            self.both(lambda log: (log.head(), log.read(), log.tree(), log.tiles([Tile(0, 0), Tile(1, 0)])))


def answer(ask: Callable[[Any], Any], log: Any) -> Any:
    try:
        return ask(log)
    except Stale as stale:
        return "stale", stale.head, list(stale.others)
    except (IdentityTaken, ValueError) as error:
        return type(error)


def test_two_logs_agree(database_url: str) -> None:
    postgres = PostgresLog(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:

        def empty() -> None:
            connection.execute("TRUNCATE log.entries, log.tags, log.tiles")
            connection.execute("UPDATE log.head SET position = 0, recorded_at = 0, tree = int8send(0)")

        machine = type("Machine", (TwoLogs,), {"postgres": postgres, "empty": staticmethod(empty)})
        run_state_machine_as_test(machine, settings=SETTINGS)
    postgres.close()
