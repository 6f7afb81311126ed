"""`pujiang`, which dies, or kills its database, at a point that a test names.

Run it as `python -m tests.processes.kill_points serve ...`. The file `kill` in the data home names the point,
the victim, and how often the point is passed before; the process that reaches the point removes the file.
The victim `process` is killed, `database` means the database server, `stopped` is a process that
receives SIGTERM, and `paused` is one that stands still until SIGCONT. With `backend`, one process of the database is killed,
and this process while the database has only begun to deal with it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from kafka import KafkaProducer
from psycopg.pq.abc import PGresult

from adapters import cli
from adapters.http.log import publish
from adapters.kafka.relay import producer as kafka_relay
from adapters.kafka.relay.sender import send_all
from adapters.keys import kek as files
from adapters.keys import rotation
from adapters.keys.data_keys import DataKeys
from adapters.keys.postgres.keys import PostgresKeys
from adapters.keys.sqlite.bookmarks import SqliteBookmarks
from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.keys import SqliteKeys
from adapters.postgres.connections import Connection
from adapters.postgres.log import append, copy_rows, exchange
from adapters.postgres.read.outbox_reader import PostgresOutbox
from adapters.postgres.read.transaction import PostgresReadTransaction
from adapters.process.loop import Loop
from adapters.run import projector, serve
from streams.project import projector as projecting_flow
from streams.relay.relay import Relay

PUBLISHING = ("locked", "tags-copied", "entries-copied", "committing", "committed", "answering")
ERASING = ("erasure-seen", "key-overwritten", "keys-destroyed", "erasure-followed")
ROTATING = ("kek-made", "kek-turned-to", "wrapped-again", "all-wrapped", "kek-followed", "kek-forgotten")
PROJECTING = ("decoded", "rows-written", "bookmarks-moved", "projected")
SIGNALS = {
    "process": signal.SIGKILL,
    "backend": signal.SIGKILL,
    "stopped": signal.SIGTERM,
    "paused": signal.SIGSTOP,
}
BACKEND_SECONDS = 0.05
"""After how long the owner of a database follows its backend: the database is then ending its other processes."""
RELAYING = ("opening", "opened", "record-sent", "records-written", "closing", "closed")


def ask(home: Path, point: str, victim: str, passed: int = 0) -> Path:
    """Request a death; the file that is returned is gone once it has happened."""
    asked, made = home / "kill", home / "kill.new"
    made.write_text(f"{point} {victim} {passed}")
    made.rename(asked)
    return asked


def reach(point: str) -> None:
    """Die here, or kill the database, if requested."""
    asked = Path(os.environ["PUJIANG_HOME"]) / "kill"
    with suppress(FileNotFoundError):
        named, victim, passed = asked.read_text().split()
        if named != point:
            return
        if int(passed):
            ask(asked.parent, point, victim, int(passed) - 1)
            return
        if victim == "database":
            kill_database(asked.parent)
            asked.unlink()
        else:
            asked.unlink()
            if victim == "backend":
                kill_backend(asked.parent)
                time.sleep(BACKEND_SECONDS)
            os.kill(os.getpid(), SIGNALS[victim])


def kill_backend(home: Path) -> None:
    """Kill one process of the database server that serves a connection."""
    server = psutil.Process(int((home / "postgres/data/postmaster.pid").read_text().split()[0]))
    next(each for each in server.children() if "[local]" in " ".join(each.cmdline())).kill()


def kill_database(home: Path) -> None:
    """Kill all processes of the database server at once, as a power failure would."""
    server = psutil.Process(int((home / "postgres/data/postmaster.pid").read_text().split()[0]))
    for each in [server, *server.children()]:
        with suppress(psutil.NoSuchProcess):
            each.kill()


def around(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Make kill points of the beginning and the end of a function."""
    real: Callable[..., Any] = getattr(owner, name)

    def replaced(*args: Any, **named: Any) -> Any:
        reach(before)
        found = real(*args, **named)
        reach(after)
        return found

    setattr(owner, name, replaced)


def appending() -> None:
    """Make the points of an append, which copies tags, then entries, and waits for the result of each."""
    real_rows, real_results = copy_rows.tag_rows, exchange.results
    copied: Iterator[str] = iter(())

    def tag_rows(*args: Any) -> bytes:
        nonlocal copied
        copied = iter(("tags-copied", "entries-copied"))
        reach("locked")
        return real_rows(*args)

    def results(connection: Connection) -> Sequence[PGresult]:
        found = real_results(connection)
        reach(next(copied))
        return found

    def run(connection: Connection, statements: bytes) -> Sequence[PGresult]:
        if b"COMMIT" not in statements:
            return exchange.run(connection, statements)
        connection.pgconn.send_query(statements)
        connection.pgconn.flush()
        reach("committing")
        found = exchange.results(connection)
        reach("committed")
        return found

    for each in (tag_rows, results, run):
        setattr(append, each.__name__, each)


def killable_projector(url: str) -> Loop:
    """Make the points of projecting, in the projector's process."""
    around(projecting_flow, "decode", after="decoded")
    around(PostgresReadTransaction, "move", before="rows-written")
    around(PostgresReadTransaction, "announce", after="bookmarks-moved")
    around(projecting_flow.Projector, "_shrink", before="projected")
    return projector.projector(url)


def erasing() -> None:
    """Make the points of destroying an erased person's keys."""
    around(DataKeys, "destroy", before="erasure-seen", after="keys-destroyed")
    around(SqliteDatabase, "truncate_journal", before="key-overwritten")
    around(SqliteBookmarks, "move", after="erasure-followed")


def rotating() -> None:
    """Make the points of a rotation of the key-encryption key."""
    around(rotation, "prepare", after="kek-made")
    around(rotation.Rotation, "_rewrap", before="kek-turned-to", after="all-wrapped")
    around(SqliteKeys, "rewrap", after="wrapped-again")
    around(PostgresKeys, "rewrap", after="wrapped-again")
    around(files, "promote", after="kek-followed")
    around(files, "shred", before="kek-forgotten")


def relaying() -> None:
    """Make the points of the relay: of taking over, and of a stretch, which is one transaction on the broker."""
    around(KafkaProducer, "init_transactions", after="fenced")
    around(Relay, "take_over", after="taken-over")
    around(KafkaProducer, "begin_transaction", before="opening", after="opened")
    around(kafka_relay.KafkaBus, "_commit", before="closing", after="closed")

    def with_points(records: Iterable[Any]) -> Iterator[Any]:
        for record in records:
            yield record
            reach("record-sent")

    def send(producer: Any, records: Iterable[Any]) -> None:
        send_all(producer, with_points(records))
        producer.flush()
        reach("records-written")

    setattr(kafka_relay, "send_all", send)  # noqa: B010 - mypy knows it as a function of its module


def main() -> None:
    """Run the command line with all points in place."""
    relaying()
    erasing()
    rotating()
    appending()
    around(publish, "_batch_answer", before="answering")
    assert vars(serve)["projector"] is projector.projector
    setattr(serve, "projector", killable_projector)  # noqa: B010 - mypy knows it as a function of its module
    around(PostgresOutbox, "settle", before="stated")
    cli.main()


if __name__ == "__main__":
    main()
