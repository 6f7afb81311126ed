"""`/health`, `/ready` and `/metrics`: whether and how well the system works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.bookmarks import NOWHERE, Bookmarks
from adapters.postgres.serve.tables import LiveTables, Pool
from streams.bus.state import PartitionState, RelayState
from streams.read_ports import Walked

_MODELS = b"""
SELECT m.name, m.partitions, (SELECT count(*) FROM read.held AS h WHERE h.model = m.name) FROM read.models AS m
"""
_INBOX = {
    "position": "Up to which offset a partition of the inbox is read",
    "lag": "How many messages of a partition are not read",
    "waiting": "How many messages of a partition came too early, and are tried again",
    "recorded": "How many messages of a partition brought an event to the log",
    "repeated": "How many messages of a partition brought what was in the log before",
    "refused": "How many messages of a partition were refused or unreadable",
}
_SHADOW = b"SELECT done, total, round_ended, jsonb_array_length(differing) FROM read.shadow"
_RELAY = {
    "position": "Up to which position the log is relayed",
    "lag": "How many events of the log are not relayed",
}
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """The figures of one process. `append` is observed by who appends, `requests` by the guard."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.append = Histogram(
            "pujiang_append_seconds",
            "How long a group of requests took to be judged and appended",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.requests = Histogram(
            "pujiang_request_seconds",
            "How long an answer took, by address",
            ("method", "route"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.log_size = Gauge("pujiang_log_size", "The last position of the log", registry=self.registry)
        self.subscribers = Gauge(
            "pujiang_subscribers", "How many readers of live streams there are", registry=self.registry
        )
        self.checkpoint_size = Gauge(
            "pujiang_checkpoint_size", "The size of the latest checkpoint", registry=self.registry
        )
        self.erasures_position = Gauge(
            "pujiang_erasures_position", "Up to where erasures have taken effect", registry=self.registry
        )
        self.position = self._gauge("position", "How far a read model is")
        self.lag = self._gauge("lag", "How many events a read model is behind the log")
        self.partitions = self._gauge("partitions", "In how many partitions a read model is folded")
        self.held = self._gauge("held", "How many events of a read model are held in quarantine")
        self._relay: dict[str, Gauge] = {}
        self._inbox = {name: self._of_inbox(name, text) for name, text in _INBOX.items()}
        self.shadow_share = self._shadow("share", "Which share of its round the shadow check has done")
        self.shadow_ended = self._shadow("round_ended_seconds", "When its last round was over, since 1970")
        self.shadow_differing = self._shadow("differing_rows", "How many rows are not what they fold to")

    def _shadow(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_shadow_{name}", text, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_projection_{name}", text, ("model",), registry=self.registry)

    def _of_inbox(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_inbox_{name}", text, ("partition",), registry=self.registry)

    def tell_relay(self, state: RelayState) -> None:
        """Take over how far the relay is."""
        for name, text in _RELAY.items():
            if name not in self._relay:
                self._relay[name] = Gauge(f"pujiang_relay_{name}", text, registry=self.registry)
            self._relay[name].set(getattr(state, name))

    def tell_inbox(self, states: Sequence[PartitionState]) -> None:
        """Take over how far the inbox is."""
        for state in states:
            for name, gauge in self._inbox.items():
                gauge.labels(state.partition).set(getattr(state, name))


class Observe:
    """Tells how the system is."""

    def __init__(
        self, head: Callable[[], int], pool: Pool, tables: LiveTables, bookmarks: Bookmarks, metrics: Metrics
    ) -> None:
        self._head, self._pool, self._tables = head, pool, tables
        self._bookmarks, self._metrics = bookmarks, metrics

    async def health(self, _: Request) -> Response:
        """Answer that the process is alive."""
        return Response(ENCODER.encode({"status": "alive"}), media_type=JSON)

    async def ready(self, _: Request) -> Response:
        """Answer whether the log can be reached and every read model be queried."""
        head = await run_in_threadpool(self._head)
        missing = sorted(set(self._tables.models) - set(self._tables.live))
        if missing:
            detail = f"{len(missing)} read models are being built"
            raise Problem(503, "not-ready", "Not ready", detail, retry_after=1, missing=missing)
        return Response(ENCODER.encode({"status": "ready", "position": head}), media_type=JSON)

    async def metrics(self, _: Request) -> Response:
        """Answer in Prometheus's text format."""
        told = self._metrics
        head = await run_in_threadpool(self._head)
        told.log_size.set(head)
        bookmarks = await self._bookmarks.read()
        models = {name: told for name, *told in await self._rows(_MODELS)}
        for done, total, ended, differing in await self._rows(_SHADOW):
            told.shadow_share.set(Walked(done, total, ended).share)
            told.shadow_ended.set((ended or 0) / 1_000_000)
            told.shadow_differing.set(differing)
        for name in self._tables.live:
            position = bookmarks.get(name, NOWHERE).position
            told.position.labels(name).set(position)
            told.lag.labels(name).set(max(head - position, 0))
            partitions, held = models.get(name, (1, 0))
            told.partitions.labels(name).set(partitions)
            told.held.labels(name).set(held)
        body = await run_in_threadpool(generate_latest, told.registry)
        return Response(body, headers={"content-type": CONTENT_TYPE_LATEST})

    async def _rows(self, query: bytes) -> list[tuple[Any, ...]]:
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(query)).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []  # nothing has been projected yet
