"""Serve: database, read models, publisher, projector and API, started in order and stopped in reverse."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

import psycopg
import structlog
import uvicorn
from starlette.applications import Starlette

from adapters.door.door import Door
from adapters.http.app import create_app
from adapters.http.context import Context
from adapters.http.log.publish import Publications
from adapters.http.observe import Metrics
from adapters.kafka.inbox.state import inbox_state
from adapters.kafka.refused.feed import follow
from adapters.kafka.relay.state import relay_state
from adapters.kafka.watching import watch
from adapters.postgres.read.store import open_parts
from adapters.process.once import apart
from adapters.process.supervisor import supervised
from adapters.process.thread import alongside
from adapters.process.tuning import tune
from adapters.run.checkpoints import checkpointing, signing, witness
from adapters.run.eraser import erasing
from adapters.run.projector import project
from adapters.run.settings import Settings, SettingsFault
from adapters.run.shadow import shadowing
from adapters.run.site import Site
from adapters.run.statements import accounting
from projections.catalogue import READ_MODELS
from streams.bus.topics import INBOX
from streams.ports import LogUnavailable
from streams.project.bulk import SMALL, Progress, silent
from streams.project.rebuild import Rebuild, outdated
from streams.publish.committer import Committer
from streams.publish.publisher import Publisher
from streams.publish.request import Request

log = structlog.get_logger()

GRACE_SECONDS = 5
SWEEP_SECONDS = 300
PROCESSES = 2
TEND_TICKS = 3
"""The server ticks ten times a second."""


def bring_up(url: str, progress: Progress = silent) -> None:
    """Build the read models that are missing or of another version. Raises LogUnavailable.

    A long log is folded apart: what millions of rows took would stay with this process for good.
    """
    with open_parts(url) as parts:
        missing, head = outdated(parts.store, READ_MODELS), parts.log.head()
    if missing and head <= SMALL:
        _bring_up(url, progress)
    elif missing and not apart(partial(_bring_up, url), progress):
        raise LogUnavailable("the read models could not be built; the next start builds them")


def _bring_up(url: str, progress: Progress) -> None:
    Rebuild(partial(open_parts, url), processes=PROCESSES).bring_up(READ_MODELS, progress)


@contextmanager
def application(site: Site, *, projector: bool = True) -> Iterator[Starlette]:
    """Give the application, with its committer running, and its projector unless workers fold."""
    with ExitStack() as stack:
        if projector:
            stack.enter_context(supervised("projector", project, site.url))
        stack.enter_context(shadowing(site))
        metrics = Metrics()
        stack.enter_context(alongside("sweeper", partial(_sweep, site.url)))
        checkpoints = stack.enter_context(checkpointing(site, metrics.checkpoint_size.set))
        stack.enter_context(erasing(site, metrics.erasures_position.set))
        committer = Committer(_Measured(site.publisher(), metrics))
        committer.start()
        stack.callback(committer.stop)
        stack.enter_context(accounting(site, committer))
        door = Door(site.codec, site.sealer)
        kafka = site.settings.kafka
        if kafka.servers:
            stack.enter_context(alongside("refused", partial(follow, kafka, site.url)))
            inbox, relay = partial(inbox_state, site.log, kafka), partial(relay_state, site.log, kafka)
            for each in (
                partial(watch, kafka, "inbox", inbox, metrics.set_inbox),
                partial(watch, kafka, "relay", relay, metrics.set_relay),
            ):
                stack.enter_context(alongside("bus-watch", each))
        context = Context(
            log=site.log,
            codec=site.codec,
            opener=site.sealer,
            url=site.url,
            publish=Publications(door, committer).answer,
            inbox=f"{kafka.topics}.{INBOX}" if kafka.servers else "",
            hosts=(site.settings.host,),
            metrics=metrics,
            subscribers=site.settings.subscribers,
            checkpoints=checkpoints,
            origin=site.origin,
            sign=signing(site),
            witness=witness(site),
        )
        yield create_app(context)


def _sweep(url: str, stop: threading.Event) -> None:
    """Drop, now and then, the tables that rebuilds have replaced."""
    while not stop.wait(SWEEP_SECONDS):
        try:
            Rebuild(partial(open_parts, url)).sweep()
        except (psycopg.Error, LogUnavailable) as error:
            log.warning("sweep-postponed", reason=type(error).__name__)


class _Measured:
    """A publisher whose groups are timed."""

    def __init__(self, publisher: Publisher, metrics: Metrics) -> None:
        self._publisher, self._metrics = publisher, metrics

    def settle(self, group: Sequence[Request]) -> None:
        with self._metrics.append.time():
            self._publisher.settle(group)

    def reset(self) -> None:
        self._publisher.reset()


class _Server(uvicorn.Server):
    """A server that, on its main thread, now and then looks after what it stands on."""

    def __init__(self, config: uvicorn.Config, tend: Callable[[], None]) -> None:
        super().__init__(config)
        self._tend = tend

    async def on_tick(self, counter: int) -> bool:
        if counter % TEND_TICKS == 0:
            self._tend()
        return await super().on_tick(counter)


def bind(host: str, port: int) -> socket.socket:
    """Take an address, without answering there yet. Raises SettingsFault where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        taken = socket.socket(family, kind, protocol)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError as error:
        raise SettingsFault(f"{host}:{port} cannot be listened on: {error.strerror}") from error
    return taken


def run(app: Starlette, settings: Settings, address: socket.socket, tend: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM; `tend` is called a few times a second."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ssl_ca_certs=None if settings.tls_client_ca is None else str(settings.tls_client_ca),
        ssl_cert_reqs=ssl.CERT_NONE if settings.tls_client_ca is None else ssl.CERT_REQUIRED,
    )
    tune()
    _Server(config, tend).run(sockets=[address])
