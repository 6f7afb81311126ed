"""While serving: checkpoints of our log are made now and then, and those of other logs are cosigned."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from adapters.keys.fault import KeyStoreFault
from adapters.keys.signing import SigningKeys
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.process.thread import alongside
from adapters.proof.witnesses import read_policy
from adapters.run.site import Site
from streams.ports import LogUnavailable
from streams.proof.checkpoints import Checkpointer, Forked
from streams.proof.witness import Witness
from streams.tree.verifier import Signature

log = structlog.get_logger()


def checkpointer(site: Site, published: PostgresCheckpoints) -> Checkpointer:
    """Return what makes the checkpoints of a site's log. Raises PolicyFault."""
    witnesses = read_policy(site.settings.policy).asked
    return Checkpointer(
        site.log, site.origin, signing(site), site.store.notes, published, witnesses=witnesses
    )


def signing(site: Site) -> Callable[[str], Sequence[Signature]]:
    """Return what signs notes with the keys of a site's log."""
    keys = SigningKeys(site.store.secrets)
    return lambda text: [each.sign(text) for each in keys.signing(site.origin)]


def witness(site: Site) -> Witness:
    """Return the witness that a site is for the logs of its policy. Raises PolicyFault."""
    signer = SigningKeys(site.store.secrets).witness(witness_name(site.settings.origin))

    def cosign(text: str) -> Signature:
        return signer.sign(text, int(time.time()))

    return Witness(site.store.notes, cosign, read_policy(site.settings.policy).logs)


def witness_name(origin: str) -> str:
    """Return what we cosign as; it does not change with the log's id."""
    return f"{origin}/witness"


@contextmanager
def checkpointing(site: Site, told: Callable[[int], None]) -> Iterator[PostgresCheckpoints]:
    """Make checkpoints from a thread of its own, one at the end too; give those that are published.

    `told` gets the size of each. A fork is logged at each attempt, and nothing is signed.
    """
    published = PostgresCheckpoints(site.url)
    maker = checkpointer(site, published)

    def step() -> None:
        try:
            size = maker.step()
        except Forked as error:
            log.error("log-forked", reason=str(error))  # noqa: TRY400 - its sentence says it all
        except (LogUnavailable, KeyStoreFault) as error:
            log.warning("checkpoint-postponed", reason=str(error))
        else:
            told(size)

    def run(stop: threading.Event) -> None:
        step()
        while not stop.wait(site.settings.checkpoint_seconds):
            step()
        step()

    try:
        with alongside("checkpoints", run):
            yield published
    finally:
        published.close()
