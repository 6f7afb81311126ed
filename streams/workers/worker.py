"""The worker: a Faust application that folds the packed topics, from the bookmarks in PostgreSQL on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import faust
import structlog
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP
from msgspec import Struct
from yarl import URL

from streams.bus.packed import Packed, unpack
from streams.bus.topics import by_kind, kinds
from streams.workers.partitions import Partition, Partitions

T = TypeVar("T")

RECORDS, WITHIN_SECONDS = 200, 0.02
"""Records folded at once: this many, or those that have come within this time. More would delay rows, fewer cost more."""
CLOCKS_APART_MS = 60_000
"""How far the clocks of log, relay and broker may differ; beyond it records are missed, and read from the log."""
SESSION_SECONDS = 10.0
"""Silence after which the broker gives a worker's partitions to others. Less punishes pauses, more delays rows after a crash."""
HEARTBEAT_SECONDS = 2.0
"""Between two signs of life, of which a session may miss several."""
REBALANCE_SECONDS = 20.0
"""How long a rebalance waits for workers to finish what they are folding."""
REQUEST_SECONDS = 30.0
"""How long to wait for the broker's answer: longer than a rebalance, which holds answers back."""
LOOK_SECONDS = 1.0
"""Between two readings of the bookmarks, so that rows lost in a crash of the database come back without new records."""

log = structlog.get_logger(__name__)


class BusAddress(Struct, frozen=True):
    """How to reach Kafka: servers as host:port, the prefix of the topics, and Faust's credentials."""

    servers: Sequence[str]
    prefix: str
    credentials: Any = None


class _Consumer(Consumer):
    """Starts each partition from its bookmark, whatever offset is committed: a commit may be older or newer."""

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        starts = await cast("_App", self.app).worker.starts(self.assignment())
        if not starts:
            return
        wanted = {self._new_topicpartition(*tp): at for tp, at in starts.items()}
        client, call = self._thread._ensure_consumer(), self._thread.call_thread  # noqa: SLF001 - as all of this class
        # The ends first: a record that arrives between the two calls is found by its time, or lies behind the end.
        ends = await self.highwaters(*wanted)
        found = await call(client.offsets_for_times, wanted)
        offsets = {tp: found[tp].offset if found[tp] else ends[tp] for tp in wanted}
        await self.seek_wait(offsets)
        self._committed_offset.update(offsets)


class _Thread(AIOKafkaConsumerThread):
    """Reads committed records only; Faust does so only if it writes in transactions itself."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust has no setting for it
        return consumer


class _Transport(Transport):
    Consumer = _Consumer


class _App(faust.App):
    worker: Worker

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Create none: the state is in PostgreSQL."""


class Worker:
    """Takes records in turn, folds them in a thread, and commits offsets, which serve monitoring only.

    Blocking calls run in the one thread, so that only the records themselves wait for them.
    """

    def __init__(self, bus: BusAddress, partitions: Partitions) -> None:
        self._partitions = partitions
        self._thread = ThreadPoolExecutor(1, "fold")
        self._kinds = {by_kind(kind, bus.prefix): kind for kind in kinds()}
        self.app = _app(bus)
        self.app.worker = self
        packed = self.app.topic(*self._kinds, value_type=bytes, value_serializer="raw", key_serializer="raw")
        self.app.agent(packed, name="fold", concurrency=1)(self._fold)
        self.app.on_partitions_assigned.connect(self._assigned)
        self.app.task(self._look_again)

    async def starts(self, partitions: Collection[TP]) -> Mapping[TP, int]:
        """Return the time from which on records of partitions are needed, in milliseconds since 1970."""
        return {
            tp: await self.apart(self._start, self._partition(tp))
            for tp in partitions
            if tp.topic in self._kinds
        }

    async def apart(self, function: Callable[..., T], *args: Any) -> T:
        """Call a blocking function in the thread, one at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    async def finish(self) -> None:
        """Wait until the thread is idle."""
        await self.apart(int)

    def _start(self, partition: Partition) -> int:
        return max(0, self._partitions.since(partition) // 1000 - CLOCKS_APART_MS)

    async def _assigned(self, _sender: Any, /, *args: Collection[TP], signal: Any, **_: Any) -> None:  # noqa: ARG002 - as signals call
        (assigned,) = args
        partitions = [self._partition(tp) for tp in assigned if tp.topic in self._kinds]
        await self.apart(self._partitions.assign, partitions)
        log.info("assigned", partitions=len(partitions))

    async def _fold(self, stream: Any) -> None:
        async for events in stream.noack_take(RECORDS, within=WITHIN_SECONDS):
            await self.apart(self._take, events)
            for event in events:
                await stream.ack(event)

    async def _look_again(self) -> None:
        while not self.app.should_stop:
            await asyncio.sleep(LOOK_SECONDS)
            await self.apart(self._partitions.look_again)

    def _take(self, events: Sequence[Any]) -> None:
        records: dict[Partition, list[Packed]] = {}
        for event in events:
            message = event.message
            try:
                packed = unpack(event.value)
            except ValueError as error:
                # Its entries are missing then, and are read from the log.
                log.error("unreadable-record", **_coordinates(message), reason=str(error))  # noqa: TRY400 - it says it all
                continue
            records.setdefault(self._partition(message.tp), []).append(packed)
        self._partitions.take(records)

    def _partition(self, tp: TP) -> Partition:
        return self._kinds[tp.topic], tp.partition


def _app(bus: BusAddress) -> _App:
    return _App(
        f"{bus.prefix}.worker",
        broker=[URL(f"kafka://{each}") for each in bus.servers],
        broker_credentials=bus.credentials,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_request_timeout=REQUEST_SECONDS,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=2 * RECORDS,
        stream_wait_empty=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        agent_supervisor="mode.CrashingSupervisor",
        web_enabled=False,
        autodiscover=False,
    )


def _coordinates(message: Any) -> dict[str, Any]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}
