"""The whole API over a real server: events are taken in by the door, folded by the projector, served by uvicorn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from msgspec import Struct

from adapters.contracts.codec import AvroCodec
from adapters.door.door import Door
from adapters.embedded import server as embedded
from adapters.http.app import create_app
from adapters.http.context import Context
from adapters.http.server.config import server_config
from adapters.http.server.limits import Limits
from adapters.keys.sealer import Sealer
from adapters.keys.signing import Signer, SigningKeys
from adapters.keys.store import KeyStore, open_store
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.read.names import PostgresNames
from adapters.postgres.read.store import PostgresReadModels
from events.identity.persons import PersonDetailsCorrected, PersonRegistered
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.finding.name_index import NameIndex
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.proof.checkpoints import Checkpointer
from streams.proof.witness import Witness
from streams.read_ports import Parts
from streams.tree.verifier import ED25519, Signature
from tests.adapters.kept import kept
from tests.databases import name_of, new_database
from tests.logs.cloudevents import event
from tests.patience import PATIENCE

SERVED = (
    "students",
    "roll-history",
    "head-counts",
    "persons",
    "accounts",
    "credit-balances",
    "pupil-teacher-changes",
)


class Known(Struct):
    """A person who can be found by name."""

    person: str
    name: bytes | None = None
    born: int | None = None


def known(row: Known, event: PersonRegistered | PersonDetailsCorrected) -> None:
    row.name = event.name or row.name
    row.born = event.birth_year


LIMITS = Limits(connections=500)

MODELS = (
    *(each for each in READ_MODELS if each.name in SERVED),
    ReadModel("known-people", "person", Known, known, filter=("name", "born"), sort=("born",)),
)


def enrolled(person: str, grade: int = 1, school: str = "s-1", **more: Any) -> dict[str, Any]:
    """Return the enrolment of a pupil."""
    return event(
        f"enrol-{person}",
        "roll.StudentEnrolled",
        person=person,
        school=school,
        district="310115",
        stage="primary",
        grade=grade,
        **more,
    )


def promoted(person: str, *when: str) -> dict[str, Any]:
    """Return the promotion of a pupil from the first grade to the second."""
    return event(
        "up",
        "roll.StudentPromoted",
        *when,
        person=person,
        school="s-1",
        district="310115",
        stage="primary",
        from_grade=1,
        to_grade=2,
    )


def registered(person: str, name: str = "王小明", **more: Any) -> dict[str, Any]:
    """Return the registration of a person."""
    return event(f"register-{person}", "identity.PersonRegistered", person=person, name=name, **more)


class World:
    """A log, its read models, and what they are served by."""

    def __init__(self, url: str, store: KeyStore) -> None:
        self.url, self.key_store, self.sealer = url, store, Sealer(store.keys, store.secrets)
        self.log, self.codec = PostgresLog(url), AvroCodec()
        self.door, self.store = Door(self.codec, self.sealer), PostgresReadModels(url)
        self.published, self.keys = PostgresCheckpoints(url), SigningKeys(store.secrets)
        self.origin = f"example.org/{self.log.id}"
        self.maker = Checkpointer(self.log, self.origin, self.sign, store.notes, self.published)
        self.projector = Projector(self.log, self.codec, self.store, MODELS)
        self.names = PostgresNames(url)
        self.index = NameIndex(self.log, self.codec, self.sealer, self.names)

    @contextmanager
    def parts(self) -> Iterator[Parts]:
        store = PostgresReadModels(self.url)
        yield Parts(self.log, self.codec, store)
        store.close()

    def append(self, *events: dict[str, Any]) -> int:
        """Append events without judging them; return the last position."""
        request = kept(self.door.batch(msgspec.json.encode(events)), self.sealer)
        return self.log.append(request.proposals).first + len(events) - 1

    def publish(self, *events: dict[str, Any]) -> int:
        """Append events and bring the read models up to them."""
        position = self.append(*events)
        self.project()
        return position

    def project(self) -> None:
        while self.projector.step():
            pass
        self.index.step()

    def rebuild(self, *models: ReadModel[Any], grace_seconds: float = 60) -> None:
        Rebuild(self.parts, grace_seconds=grace_seconds).run(models or MODELS)

    def sign(self, text: str) -> list[Signature]:
        return [each.sign(text) for each in self.keys.signing(self.origin)]

    def witness(self) -> Witness:
        cosigner = self.keys.witness("example.org/witness")
        known = Signer("other.example/log", ED25519, bytes(32)).key
        return Witness(self.key_store.notes, lambda text: cosigner.sign(text, 1_700_000_000), [known])

    def close(self) -> None:
        self.published.close()
        self.names.close()
        self.store.close()
        self.log.close()


@pytest.fixture(scope="session")
def template(database_server: embedded.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the name of a database with an empty log, and with its read models, which take half a second to make."""
    with new_database(database_server) as url:
        keys = open_store(f"sqlite:///{tmp_path_factory.mktemp('template')}/keys.db")
        made = World(url, keys)
        made.rebuild()
        made.close()
        keys.close()
        yield name_of(url)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    keys = open_store(f"sqlite:///{tmp_path}/keys.db")
    world = World(database_url, keys)
    yield world
    world.close()
    keys.close()


@asynccontextmanager
async def serving(world: World, limits: Limits = LIMITS, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a world, and give what asks it."""
    context = Context(
        world.log,
        world.codec,
        world.sealer,
        world.url,
        models=MODELS,
        checkpoints=world.published,
        origin=world.origin,
        sign=world.sign,
        witness=world.witness(),
        **{"subscribers": 8, **more},
    )
    server = uvicorn.Server(
        server_config(create_app(context), limits, port=0, log_config=None, timeout_graceful_shutdown=1)
    )
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        yield client
    server.should_exit = True
    await running


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(world) as client:
        yield client
