"""`GET /events`, `GET /events/{position}` and `GET /sources/{source}/events`: the log itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.events import LogEvents
from adapters.http.log.query import SEARCH, EventQuery, parse, parse_source
from adapters.http.protocol import cursors, grammar
from adapters.http.protocol.cache import NEVER_CHANGES
from adapters.http.protocol.media import ENCODER, JSON, OCTETS
from adapters.http.protocol.problems import Problem
from adapters.wire.cloudevent import STRUCTURED
from events.entry import Stored
from events.entry import parse as parse_entry
from events.event import Event
from streams.ports import Undecodable


class Events(Struct):
    """Answers queries about the log. What reads the log runs in a thread."""

    disclosed: LogEvents

    async def search(self, request: Request) -> Response:
        """Answer `GET /events`."""
        query = parse(request.scope["query_string"], SEARCH)
        events, following = await run_in_threadpool(self._page, caller_of(request), query)
        headers = {}
        if following:
            headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
        body = ENCODER.encode({"items": events, "next": following})
        return Response(body, media_type=JSON, headers=headers)

    def _page(self, caller: Caller, query: EventQuery) -> tuple[list[dict[str, Any]], str | None]:
        found = self._selected(caller, query)
        page = found[: query.limit]
        following = None
        if len(found) > query.limit:
            last = page[-1].position
            following = cursors.encode(last - 1 if query.backwards else last)
        return self.cloudevents(caller, page, query), following

    def _selected(self, caller: Caller, query: EventQuery) -> Sequence[Stored]:
        """Return the entries of a page and one beyond it, which shows that there is another page."""
        after, upto = self._range(query)
        if upto is not None and upto <= after:
            return []
        return self.disclosed.select(caller, query.selection(after, upto, query.limit + 1))

    def _range(self, query: EventQuery) -> tuple[int, int | None]:
        after, upto = query.after, None if query.before is None else query.before - 1
        if query.since is not None:
            after = max(after, self.disclosed.position_at(query.since - 1))
        if query.until is not None:
            until = self.disclosed.position_at(query.until)
            upto = until if upto is None else min(upto, until)
        if query.cursor is None:
            return after, upto
        if query.backwards:
            return after, query.cursor if upto is None else min(upto, query.cursor)
        return max(after, query.cursor), upto

    def cloudevents(
        self, caller: Caller, stored: Sequence[Stored], query: EventQuery
    ) -> list[dict[str, Any]]:
        """Return the entries that the query truly chooses as CloudEvents, in order."""
        events: list[Event] = []
        broken: list[dict[str, Any]] = []
        for entry, event in self.disclosed.decoded(stored):
            if isinstance(event, Undecodable):
                broken.append(_undecodable(entry, event))
            elif query.takes(event, parse_entry(entry.entry).type):
                events.append(event)
        found = self.disclosed.cloudevents(caller, events, sealed=query.sealed)
        if broken:
            found = sorted([*found, *broken], key=itemgetter("position"), reverse=query.backwards)
        return found

    async def one(self, request: Request) -> Response:
        """Answer `GET /events/{position}`: the CloudEvent, or the stored bytes."""
        caller = caller_of(request)
        position = grammar.integer("position", request.path_params["position"], least=0)
        query = parse(request.scope["query_string"], ("sealed",))
        found = await run_in_threadpool(self.disclosed.one, caller, position)
        if found is None:
            raise no_such_event(position)
        headers = {"cache-control": NEVER_CHANGES, "vary": "accept"}
        if OCTETS in request.headers.get("accept", ""):
            return Response(found.entry, media_type=OCTETS, headers=headers)
        (event,) = await run_in_threadpool(self.cloudevents, caller, [found], query)
        headers["cache-control"] = "private, no-cache"  # what is open today may be erased tomorrow
        return Response(ENCODER.encode(event), media_type=STRUCTURED, headers=headers)

    async def of_source(self, request: Request) -> Response:
        """Answer `GET /sources/{source}/events`: id, position and digest of each event of one publisher."""
        source = grammar.plain("source", request.path_params["source"])
        query = parse_source(source, request.scope["query_string"])
        body = await run_in_threadpool(self._reconciled, caller_of(request), query)
        return Response(ENCODER.encode(body), media_type=JSON)

    def _reconciled(self, caller: Caller, query: EventQuery) -> dict[str, Any]:
        found = self._selected(caller, query)
        page = found[: query.limit]
        headers = [(each, parse_entry(each.entry)) for each in page]
        items = [
            {"id": header.id, "position": each.position, "digest": sha256(each.entry).hexdigest()}
            for each, header in headers
            if header.source == query.source
        ]
        following = cursors.encode(page[-1].position) if len(found) > query.limit else None
        return {"source": query.source, "items": items, "next": following}


def _undecodable(stored: Stored, error: Undecodable) -> dict[str, Any]:
    """Return what is known of an entry that cannot be decoded: it must not hide the others."""
    return {
        "specversion": "1.0",
        "position": stored.position,
        "type": "undecodable",
        "reason": error.reason,
        "data_base64": b64encode(stored.entry).decode(),
    }


def no_such_event(position: int) -> Problem:
    """Return the problem of a position that the log does not have."""
    return Problem(404, "no-such-event", "No such event", f"the log has no event at position {position}")
