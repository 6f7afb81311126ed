"""`/health`, `/ready` and `/metrics`: whether the system works, and how well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.clock import ClockSight
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.bookmarks import NOWHERE, Bookmarks
from adapters.postgres.serve.figures import ModelFigures, model_figures, shadow_figures
from adapters.postgres.serve.pool import Pool
from adapters.postgres.serve.tables import LiveTables
from streams.bus.state import PartitionState, RelayState

SLOW_SECONDS = 60
"""How long a row may be without a correction; folding a history of a million events takes half of that."""

_INBOX = {
    "position": "Offset up to which a partition of the inbox has been read",
    "lag": "Messages of a partition not yet read",
    "waiting": "Messages of a partition that came before what they depend on and are retried",
    "recorded": "Messages of a partition whose event was recorded",
    "repeated": "Messages of a partition whose event had been recorded before",
    "refused": "Messages of a partition that were refused or unreadable",
}
_RELAY = {
    "position": "Position up to which the log has been relayed",
    "lag": "Events of the log not yet relayed",
}
_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """The figures of one process. The committer observes `append`, the Guard middleware `requests`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.append = Histogram(
            "pujiang_append_seconds",
            "Time to judge and append a group of requests",
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.requests = Histogram(
            "pujiang_request_seconds",
            "Time to answer a request, by method and route",
            ("method", "route"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.log_size = Gauge("pujiang_log_size", "Last position of the log", registry=self.registry)
        self.subscribers = Gauge(
            "pujiang_subscribers", "Clients reading live streams", registry=self.registry
        )
        self.checkpoint_size = Gauge(
            "pujiang_checkpoint_size", "Size of the latest checkpoint", registry=self.registry
        )
        self.erasures_position = Gauge(
            "pujiang_erasures_position",
            "Position up to which erasures have taken effect",
            registry=self.registry,
        )
        self.clock_doubted = Gauge(
            "pujiang_clock_doubted_seconds",
            "For how long the clock is still doubted, and nothing is destroyed by time",
            registry=self.registry,
        )
        self.unopened = Gauge(
            "pujiang_unopened_values",
            "Sealed values that could not be opened since the start, by reason: an unknown key, a broken seal",
            ("reason",),
            registry=self.registry,
        )
        self.position = self._gauge("position", "Position that a read model has reached")
        self.lag = self._gauge("lag", "Events by which a read model is behind the log")
        self.partitions = self._gauge("partitions", "Partitions of a read model")
        self.held = self._gauge("held", "Events of a read model held in quarantine")
        self.refolding = self._gauge("refolding", "Rows of a read model that are being folded again")
        self.refolding_seconds = self._gauge("refolding_seconds", "For how long the first of them has been")
        self._relay: dict[str, Gauge] = {}
        self._inbox = {name: self._of_inbox(name, text) for name, text in _INBOX.items()}
        self.shadow_share = self._shadow("share", "Share of its current round that the shadow check has done")
        self.shadow_ended = self._shadow(
            "round_ended_seconds", "End of its last complete round, in seconds since 1970"
        )
        self.shadow_differing = self._shadow(
            "differing_rows", "Rows that differ from what their history folds to"
        )

    def _shadow(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_shadow_{name}", text, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_projection_{name}", text, ("model",), registry=self.registry)

    def _of_inbox(self, name: str, text: str) -> Gauge:
        return Gauge(f"pujiang_inbox_{name}", text, ("partition",), registry=self.registry)

    def set_relay(self, state: RelayState) -> None:
        """Set the figures of the relay."""
        for name, text in _RELAY.items():
            if name not in self._relay:
                self._relay[name] = Gauge(f"pujiang_relay_{name}", text, registry=self.registry)
            self._relay[name].set(getattr(state, name))

    def set_inbox(self, states: Sequence[PartitionState]) -> None:
        """Set the figures of the inbox."""
        for state in states:
            for name, gauge in self._inbox.items():
                gauge.labels(state.partition).set(getattr(state, name))


class Observe:
    """Reports the state of the system."""

    def __init__(
        self,
        head: Callable[[], int],
        pool: Pool,
        tables: LiveTables,
        bookmarks: Bookmarks,
        metrics: Metrics,
        *,
        clock: Callable[[], ClockSight],
        unopened: Callable[[], Mapping[str, int]],
    ) -> None:
        self._head, self._pool, self._tables = head, pool, tables
        self._clock, self._unopened = clock, unopened
        self._bookmarks, self._metrics = bookmarks, metrics

    async def health(self, _: Request) -> Response:
        """Answer that the process is alive."""
        return Response(ENCODER.encode({"status": "alive"}), media_type=JSON)

    async def ready(self, _: Request) -> Response:
        """Answer whether the log is available and every read model can be queried."""
        head = await run_in_threadpool(self._head)
        missing = sorted(set(self._tables.models) - set(self._tables.live))
        if missing:
            detail = f"{len(missing)} read models are still being built"
            raise Problem(503, "not-ready", "Not ready", detail, retry_after=1, missing=missing)
        if standing := self._bookmarks.standing():
            detail = (
                f"{len(standing)} read models do not follow the log, which is at position {head}: look for "
                "`loop-failed` and `loop-postponed` in the log of whoever folds them"
            )
            raise Problem(503, "not-ready", "Not ready", detail, retry_after=1, standing=standing)
        figures = await model_figures(self._pool)
        slow = sorted(name for name, each in figures.items() if each.refolding_seconds > SLOW_SECONDS)
        if slow:
            detail = (
                f"rows of {len(slow)} read models have waited for over {SLOW_SECONDS} s to be folded again"
            )
            raise Problem(503, "not-ready", "Not ready", detail, retry_after=1, refolding=slow)
        body: dict[str, Any] = {"status": "ready", "position": head}
        if self._clock().doubted_since is not None:
            body["clock"] = self._clock().sentence
        if unopened := self._unopened():
            body["unopened"] = unopened
        return Response(ENCODER.encode(body), media_type=JSON)

    async def metrics(self, _: Request) -> Response:
        """Answer with all figures in Prometheus's text format."""
        metrics = self._metrics
        head = await run_in_threadpool(self._head)
        metrics.log_size.set(head)
        metrics.clock_doubted.set(self._clock().remaining / 1_000_000)
        bookmarks = await self._bookmarks.read()
        for reason, count in self._unopened().items():
            metrics.unopened.labels(reason).set(count)
        models = await model_figures(self._pool)
        for walked, differing in await shadow_figures(self._pool):
            metrics.shadow_share.set(walked.share)
            metrics.shadow_ended.set((walked.round_ended or 0) / 1_000_000)
            metrics.shadow_differing.set(differing)
        for name in self._tables.live:
            position = bookmarks.get(name, NOWHERE).position
            metrics.position.labels(name).set(position)
            metrics.lag.labels(name).set(max(head - position, 0))
            figures = models.get(name, ModelFigures())
            metrics.partitions.labels(name).set(figures.partitions)
            metrics.held.labels(name).set(figures.held)
            metrics.refolding.labels(name).set(figures.refolding)
            metrics.refolding_seconds.labels(name).set(figures.refolding_seconds)
        body = await run_in_threadpool(generate_latest, metrics.registry)
        return Response(body, headers={"content-type": CONTENT_TYPE_LATEST})
