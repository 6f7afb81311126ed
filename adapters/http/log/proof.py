"""`/checkpoint`, `/tile/...` and `/proof/...`: the log as a transparency log (c2sp.org/tlog-tiles, docs/proof.md)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.events import LogEvents
from adapters.http.protocol import grammar
from adapters.http.protocol.cache import NEVER_CHANGES
from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.media import ENCODER, JSON, OCTETS, TEXT
from adapters.http.protocol.problems import Problem
from streams.proof.checkpoints import Checkpoints
from streams.proof.proofs import Proofs
from streams.tree.merkle import WIDTH, Tile, Tree
from streams.tree.verifier import HASH_BYTES, leaf_hash

RETRY_SECONDS = 1
"""`Retry-After` if a checkpoint is missing: they are made every few seconds."""

_PATH = re.compile(
    r"(?:(?P<level>0|[1-9][0-9]?)|entries)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_GZIP = re.compile(
    r"(?:\A|,)[ \t]*gzip[ \t]*(?:;[ \t]*q=(?:1|0\.0*[1-9])[0-9.]*[ \t]*)?(?:,|\Z)", re.IGNORECASE
)
_EFFORT = 6
"""zlib's default level, beyond which entries hardly become smaller."""
_LAST_LEVEL = 63
_MOST_TILES = 1 << 48


class _TileAddress(Struct, frozen=True):
    """The tile of a request; `level` is None for a tile of entries."""

    level: int | None
    number: int
    width: int


class HashTree(Protocol):
    """The log, without its entries: its id, and the hashes of its tree, which are public."""

    @property
    def id(self) -> str:
        """The log's id."""

    def tree(self) -> Tree:
        """Return the tree over all entries."""

    def tiles(self, wanted: Sequence[Tile]) -> Sequence[bytes]:
        """Return the hashes of tiles of the tree, side by side, as many as there are."""


class Proof(Struct):
    """Answers with checkpoints, tiles and proofs. What reads the log runs in a thread."""

    hashes: HashTree
    proofs: Proofs
    disclosed: LogEvents
    checkpoints: Checkpoints
    origin: str

    async def checkpoint(self, _: Request) -> Response:
        """Answer `GET /checkpoint` with the latest, and its cosignatures."""
        note = await run_in_threadpool(self.latest)
        return Response(note, media_type=TEXT, headers={"cache-control": "no-cache"})

    def latest(self) -> str:
        """Return the latest checkpoint. Raises Problem if there is none yet."""
        note = self.checkpoints.latest(self.origin)
        if note is None:
            detail = "the first checkpoint has not been made yet"
            raise Problem(503, "no-checkpoint-yet", "No checkpoint yet", detail, retry_after=RETRY_SECONDS)
        return note

    async def tile(self, request: Request) -> Response:
        """Answer `GET /tile/<level>/<number>[.p/<width>]` and `/tile/entries/...`."""
        asked = _read_path(request.path_params["path"])
        body = None
        if asked is not None:
            read = self._hashes if asked.level is not None else partial(self._entries, caller_of(request))
            body = await run_in_threadpool(read, asked)
        if asked is None or body is None:
            raise Problem(404, "no-such-tile", "No such tile", "the tree does not have this tile, or not yet")
        if asked.level is None:
            # Entries are for the caller alone, sealed or not; hashes reveal nothing and may be shared.
            return await _compressed(request, body, {"cache-control": NEVER_CHANGES})
        caching = {"cache-control": NEVER_CHANGES.replace("private", "public")}
        return Response(body, media_type=OCTETS, headers=caching)

    def _hashes(self, asked: _TileAddress) -> bytes | None:
        (hashes,) = self.hashes.tiles([Tile(asked.level or 0, asked.number)])
        size = asked.width * HASH_BYTES
        return hashes[:size] if len(hashes) >= size else None

    def _entries(self, caller: Caller, asked: _TileAddress) -> bytes | None:
        start = asked.number * WIDTH
        found = self.disclosed.read(caller, start, start + asked.width)
        if len(found) < asked.width:
            return None
        return b"".join(len(each.entry).to_bytes(2, "big") + each.entry for each in found)

    async def inclusion(self, request: Request) -> Response:
        """Answer `GET /proof/inclusion?position=&size=`; the size is the log's if left out."""
        given = _numbers(request, ("position", "size"), "position")
        caller = caller_of(request)
        return await run_in_threadpool(self._inclusion, caller, given["position"], given.get("size"))

    def _inclusion(self, caller: Caller, position: int, asked: int | None) -> Response:
        size = self._size("size", asked)
        if position > size:
            refuse("position", f"position {position} is not in a tree of size {size}")
        (stored,) = self.disclosed.read(caller, position - 1, position)
        return _answer(
            log=self.hashes.id,
            position=position,
            size=size,
            leaf=leaf_hash(stored.entry).hex(),
            root=self.proofs.root(size).hex(),
            path=[each.hex() for each in self.proofs.inclusion(position - 1, size)],
        )

    async def consistency(self, request: Request) -> Response:
        """Answer `GET /proof/consistency?from=&to=`; `to` is the log's size if left out."""
        given = _numbers(request, ("from", "to"), "from")
        return await run_in_threadpool(self._consistency, given["from"], given.get("to"))

    def _consistency(self, old: int, asked: int | None) -> Response:
        new = self._size("to", asked)
        if old > new:
            refuse("from", f"{old} is more than {new}: a tree only grows")
        return _answer(
            log=self.hashes.id,
            **{"from": old, "to": new},
            from_root=self.proofs.root(old).hex(),
            to_root=self.proofs.root(new).hex(),
            path=[each.hex() for each in self.proofs.consistency(old, new)],
        )

    def _size(self, name: str, asked: int | None) -> int:
        size = self.hashes.tree().size
        if asked is not None and asked > size:
            refuse(name, f"{asked} is more than the log's size, {size}")
        return size if asked is None else asked


async def _compressed(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    """Answer compressed if the client accepts that, as the specification recommends for entries."""
    headers["vary"] = "accept-encoding"
    if _GZIP.search(request.headers.get("accept-encoding", "")):
        body = await run_in_threadpool(gzip.compress, body, _EFFORT, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(body, media_type=OCTETS, headers=headers)


def _read_path(path: str) -> _TileAddress | None:
    """Return the tile of a path, None if the path is not of one."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] is None else int(found["level"])
    number, width = int(found["number"].replace("x", "").replace("/", "")), int(found["width"] or WIDTH)
    least = 1000 ** found["number"].count("x")
    if (level or 0) > _LAST_LEVEL or (found["width"] and width >= WIDTH) or (least > 1 and number < least):
        return None
    return _TileAddress(level, number, width) if number < _MOST_TILES else None


def _numbers(request: Request, names: Sequence[str], needed: str) -> dict[str, int]:
    number = partial(grammar.integer, least=1)
    given = grammar.read_options(request.scope["query_string"], dict.fromkeys(names, number))
    if needed not in given:
        refuse(needed, f"{needed} is required: a number from 1")
    return given


def _answer(**body: object) -> Response:
    return Response(ENCODER.encode(body), media_type=JSON)
