"""The application that `pujiang serve` runs: committer, API and the loops beside them, stopped in reverse order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

from starlette.applications import Starlette

from adapters.http.app import create_app
from adapters.http.context import Context
from adapters.http.log.publish import Publications
from adapters.http.observe import Metrics
from adapters.keys.salt import salt_secret
from adapters.process.loop import Loop, in_process, in_thread
from adapters.process.supervisor import import_before_forking
from adapters.run.checkpoints import checkpoints
from adapters.run.eraser import eraser
from adapters.run.grounds import grounds
from adapters.run.names import names
from adapters.run.projector import projector
from adapters.run.refolder import refolder
from adapters.run.shadow import shadow
from adapters.run.site import Site
from adapters.run.statements import statements
from adapters.run.sweeper import sweeper
from streams.bus.topics import INBOX
from streams.publish.committer import Committer
from streams.publish.publisher import Publisher
from streams.publish.request import Request


@contextmanager
def application(site: Site, *, fold: bool = True) -> Iterator[Starlette]:
    """Give the application while its committer and the loops beside it run. Unless workers fold, a projector does."""
    metrics = Metrics()
    with ExitStack() as stack:
        committer = Committer(_Measured(site.publisher(), metrics))
        for each in _before(site, metrics, fold=fold):
            stack.enter_context(each)
        committer.start()
        stack.callback(committer.stop)
        for each in _after(site, metrics, committer):
            stack.enter_context(each)
        yield create_app(_context(site, metrics, committer))


def _before(site: Site, metrics: Metrics, *, fold: bool) -> Iterator[AbstractContextManager[None]]:
    """Give the loops that start before the committer, and stop after it."""
    import_before_forking([each.__module__ for each in (projector, refolder, grounds, shadow)])
    if fold:
        yield in_process("projector", partial(projector, site.url))
    yield in_process("background", *_background(site))
    yield in_thread(sweeper(site.url))
    yield in_thread(checkpoints(site, metrics.checkpoint_size.set))
    yield in_thread(eraser(site, metrics.erasures_position.set))
    yield in_thread(names(site))


def _background(site: Site) -> Iterator[Callable[[], Loop]]:
    """Give what makes the loops that may take their time: they share one process, which costs 60 MB."""
    yield partial(refolder, site.url)
    yield partial(grounds, site.url, salt_secret(site.store.secrets))
    if share := site.settings.shadow_percent / 100:
        yield partial(shadow, site.url, share)


def _after(site: Site, metrics: Metrics, committer: Committer) -> Iterator[AbstractContextManager[None]]:
    """Give the loops that start after the committer: statements are published through it."""
    yield in_thread(statements(site, committer))
    if site.settings.kafka.servers:
        from adapters.run.bus_loops import bus_loops  # noqa: PLC0415 - Kafka's client takes 7 MB and a while to import

        for each in bus_loops(site, metrics):
            yield in_thread(each)


def _context(site: Site, metrics: Metrics, committer: Committer) -> Context:
    kafka = site.settings.kafka
    return Context(
        log=site.log,
        codec=site.codec,
        opener=site.sealer,
        url=site.url,
        publish=Publications(site.door(), committer).answer,
        inbox=f"{kafka.topics}.{INBOX}" if kafka.servers else "",
        hosts=(site.settings.host,),
        metrics=metrics,
        subscribers=site.settings.subscribers,
        checkpoints=site.checkpoints,
        origin=site.origin,
        sign=site.sign,
        witness=site.witness(),
        clock=lambda: site.clock.sight,
    )


class _Measured:
    """A publisher that reports how long each group takes."""

    def __init__(self, publisher: Publisher, metrics: Metrics) -> None:
        self._publisher, self._metrics = publisher, metrics

    def settle(self, group: Sequence[Request]) -> None:
        with self._metrics.append.time():
            self._publisher.settle(group)

    def reset(self) -> None:
        self._publisher.reset()
