"""`GET /events`, `GET /events/{position}` and `GET /sources/{source}/events`: the log itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol import cursors, grammar
from adapters.http.protocol.cache import NEVER_CHANGES
from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.media import ENCODER, JSON, OCTETS
from adapters.http.protocol.problems import Problem
from adapters.http.rows.records import Opener
from adapters.postgres.serve.query import DEFAULT_LIMIT
from adapters.wire.cloudevent import STRUCTURED, to_cloudevents
from events.catalogue import by_name
from events.contract import tags
from events.entry import Stored, key, parse
from events.event import Event
from streams.ports import Codec, Log, Selection, Undecodable


class Wanted(Struct, frozen=True):
    """Which events are asked for, and how."""

    tag: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    source: str | None = None
    after: int = 0
    before: int | None = None
    since: int | None = None
    until: int | None = None
    backwards: bool = False
    limit: int = DEFAULT_LIMIT
    cursor: int | None = None
    sealed: bool = False

    def selection(self, after: int, upto: int | None, limit: int, *, backwards: bool = False) -> Selection:
        """Return the log's selection of these events in a range."""
        return Selection(
            tags=tuple(map(key, self.tag)),
            types=tuple(map(key, self.type)),
            source=None if self.source is None else key(self.source),
            after=after,
            upto=upto,
            limit=limit,
            backwards=backwards,
        )

    def takes(self, event: Event, name: str) -> bool:
        """Whether an event is truly one of them: an index of keys may have found too many."""
        return (
            (not self.type or name in self.type)
            and (self.source is None or event.source == self.source)
            and (not self.tag or set(self.tag) <= set(tags(event)))
        )


FILTERS = ("tag", "type", "source", "after", "sealed")
SEARCH = (*FILTERS, "before", "from", "to", "backwards", "limit", "cursor")


_RENAMED = {"from": "since", "to": "until"}
_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "source": grammar.plain,
    "after": grammar.integer,
    "before": grammar.integer,
    "from": grammar.time,
    "to": grammar.time,
    "backwards": grammar.boolean,
    "limit": grammar.limit,
    "cursor": cursors.read_position,
    "sealed": grammar.boolean,
}


def wanted(query: bytes, options: Sequence[str]) -> Wanted:
    """Read a query about events; `tag` may stand more than once (all of them), `type` too (any of them)."""
    told: dict[str, Any] = {}
    for name, text in grammar.pairs(query):
        if name not in options:
            refuse(name, f"events know no parameter {name!r}", parameters=sorted(options))
        if name == "tag":
            told[name] = (*told.get(name, ()), _tag(text))
        elif name == "type":
            told[name] = (*told.get(name, ()), *map(_type, text.split(",")))
        elif (field := _RENAMED.get(name, name)) in told:
            refuse(name, f"{name} stands twice")
        else:
            told[field] = _PARSERS[name](name, text)
    return Wanted(**told)


def _tag(text: str) -> str:
    kind, colon, rest = grammar.plain("tag", text).partition(":")
    if not (kind and colon and rest):
        refuse("tag", f"tag is {text!r}: give kind:value, such as person:p-1")
    return text


def _type(text: str) -> str:
    if text not in by_name():
        refuse("type", f"there is no event type {text!r}", types=sorted(by_name()))
    return text


def _undecodable(stored: Stored, error: Undecodable) -> dict[str, Any]:
    """Return what can still be told of an entry whose data cannot be read: it must not hide the others."""
    return {
        "specversion": "1.0",
        "position": stored.position,
        "type": "undecodable",
        "reason": error.reason,
        "data_base64": b64encode(stored.entry).decode(),
    }


class Events:
    """Answers queries about the log. What reads the log runs in a thread."""

    def __init__(self, log: Log, codec: Codec, opener: Opener) -> None:
        self._log, self._codec, self._opener = log, codec, opener

    async def search(self, request: Request) -> Response:
        """Answer `GET /events`."""
        asked = wanted(request.scope["query_string"], SEARCH)
        events, following = await run_in_threadpool(self._page, asked)
        headers = {}
        if following:
            headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
        body = ENCODER.encode({"items": events, "next": following})
        return Response(body, media_type=JSON, headers=headers)

    def _page(self, asked: Wanted) -> tuple[list[dict[str, Any]], str | None]:
        after, upto = self._range(asked)
        if upto is not None and upto <= after:
            return [], None
        chosen = asked.selection(after, upto, asked.limit + 1, backwards=asked.backwards)
        found = list(self._log.select(chosen))
        page = found[: asked.limit]
        following = None
        if len(found) > asked.limit:
            last = page[-1].position
            following = cursors.encode(last - 1 if asked.backwards else last)
        return self.told(page, asked), following

    def _range(self, asked: Wanted) -> tuple[int, int | None]:
        after, upto = asked.after, None if asked.before is None else asked.before - 1
        if asked.since is not None:
            after = max(after, self._log.position_at(asked.since - 1))
        if asked.until is not None:
            until = self._log.position_at(asked.until)
            upto = until if upto is None else min(upto, until)
        if asked.cursor is None:
            return after, upto
        if asked.backwards:
            return after, asked.cursor if upto is None else min(upto, asked.cursor)
        return max(after, asked.cursor), upto

    def told(self, stored: Sequence[Stored], asked: Wanted) -> list[dict[str, Any]]:
        """Return those of the entries that are truly asked for, as CloudEvents, in order."""
        events: list[Event] = []
        broken: list[dict[str, Any]] = []
        for each in stored:
            try:
                event = self._codec.decode(each)
            except Undecodable as error:
                broken.append(_undecodable(each, error))
            else:
                if asked.takes(event, parse(each.entry).type):
                    events.append(event)
        told = to_cloudevents(events, None if asked.sealed else self._opener.open_batch)
        if broken:
            told = sorted([*told, *broken], key=itemgetter("position"), reverse=asked.backwards)
        return told

    async def one(self, request: Request) -> Response:
        """Answer `GET /events/{position}`: the CloudEvent, or the stored bytes."""
        position = grammar.integer("position", request.path_params["position"], least=0)
        asked = wanted(request.scope["query_string"], ("sealed",))
        found = await run_in_threadpool(self._log.read, max(position - 1, 0), position, 1)
        if not found:
            raise Problem(
                404, "no-such-event", "No such event", f"the log has nothing at position {position}"
            )
        headers = {"cache-control": NEVER_CHANGES, "vary": "accept"}
        if OCTETS in request.headers.get("accept", ""):
            return Response(found[0].entry, media_type=OCTETS, headers=headers)
        (told,) = await run_in_threadpool(self.told, found, asked)
        headers["cache-control"] = "private, no-cache"  # what is open today may be erased tomorrow
        return Response(ENCODER.encode(told), media_type=STRUCTURED, headers=headers)

    async def of_source(self, request: Request) -> Response:
        """Answer `GET /sources/{source}/events`: what the log has of one publisher."""
        source = grammar.plain("source", request.path_params["source"])
        told: dict[str, Any] = {"limit": grammar.LARGEST_LIMIT}
        for name, text in grammar.pairs(request.scope["query_string"]):
            if name not in ("from", "to", "limit", "cursor"):
                refuse(name, f"unknown parameter {name!r}", parameters=("cursor", "from", "limit", "to"))
            if name in ("from", "to") and text.isdigit():
                told["after" if name == "from" else "before"] = grammar.integer(name, text)
            else:
                told[_RENAMED.get(name, name)] = _PARSERS[name](name, text)
        if "after" in told:
            told["after"] = max(told["after"] - 1, 0)
        if "before" in told:
            told["before"] += 1
        body = await run_in_threadpool(self._reconciled, Wanted(source=source, **told))
        return Response(ENCODER.encode(body), media_type=JSON)

    def _reconciled(self, asked: Wanted) -> dict[str, Any]:
        after, upto = self._range(asked)
        empty = upto is not None and upto <= after
        found = [] if empty else list(self._log.select(asked.selection(after, upto, asked.limit + 1)))
        page = found[: asked.limit]
        headers = [(each, parse(each.entry)) for each in page]
        items = [
            {"id": header.id, "position": each.position, "digest": sha256(each.entry).hexdigest()}
            for each, header in headers
            if header.source == asked.source
        ]
        following = cursors.encode(page[-1].position) if len(found) > asked.limit else None
        return {"source": asked.source, "items": items, "next": following}
