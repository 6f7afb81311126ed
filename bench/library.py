"""The `eventsourcing` library, set up as its users would: a yardstick for appends and for projections."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import get_topic
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from events.entry import Proposal


def _address(url: str) -> dict[str, str]:
    part = conninfo_to_dict(url)
    names = {"dbname": "", "host": "", "port": "5432", "user": "", "password": ""}
    return {name: str(part.get(name) or default) for name, default in names.items()}


def recorder(url: str, connections: int = 1) -> PostgresDCBRecorderTT:
    store = PostgresDatastore(**_address(url), pool_size=connections, max_overflow=connections)  # type: ignore[arg-type]
    found = PostgresDCBRecorderTT(store)
    found.create_table()
    return found


def dcb_event(proposal: Proposal) -> DCBEvent:
    return DCBEvent(proposal.type, proposal.data, list(proposal.tags))


def dcb_condition(batch: Iterable[Proposal], seen: int) -> DCBAppendCondition:
    """Return the condition that `made_up.condition` gives our log."""
    return DCBAppendCondition(DCBQuery([DCBQueryItem([each.type], [each.tags[0]]) for each in batch]), seen)


class Tally(Aggregate):
    """Something that counts."""

    @event("Counted")
    def count(self, provider: str) -> None:
        pass


class Counter(PostgresTrackingRecorder):
    """A counter that moves in one transaction with its bookmark."""

    def __init__(self, datastore: PostgresDatastore, **names: Any) -> None:
        super().__init__(datastore, **names)
        table = {"table": Identifier(datastore.schema, "tally")}
        self._count = SQL(
            "INSERT INTO {table} VALUES ('all', 1) ON CONFLICT (name) DO UPDATE SET count = {table}.count + 1"
        ).format(**table)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {table} (name text PRIMARY KEY, count bigint)").format(**table)
        )

    def count(self, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._count, prepare=True)


class Counting(Projection[Counter]):
    """Counts each event; `reached` is set at the awaited position."""

    name = "counting"
    topics = (get_topic(Tally.Counted),)  # type: ignore[attr-defined]
    awaited = 0
    reached = threading.Event()

    def process_event(self, _: Any, tracking: Tracking) -> None:
        self.view.count(tracking)
        if tracking.notification_id >= Counting.awaited:
            Counting.reached.set()


class Projecting:
    """The library's runner for one counter over its own log in PostgreSQL."""

    def __init__(self, url: str) -> None:
        address = {f"POSTGRES_{name.upper()}": value for name, value in _address(url).items()}
        self._env = {"PERSISTENCE_MODULE": "eventsourcing.postgres", **address}
        self._app = Application[UUID](env=self._env)

    def close(self) -> None:
        self._app.close()

    def rate(self, count: int) -> float:
        """Record this many events, then have them counted; return how many are counted per second."""
        tally = Tally()
        for each in range(count):
            tally.count(provider=f"idp-{each % 9}")
        Counting.awaited = self._app.save(tally)[-1].notification.id
        Counting.reached.clear()
        began = time.perf_counter()
        with ProjectionRunner(
            application_class=Application[UUID], projection_class=Counting, view_class=Counter, env=self._env
        ):
            assert Counting.reached.wait(120)
            return count / (time.perf_counter() - began)
