"""Group commit: one thread settles the requests that wait together as one group; each gets its own verdicts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

import structlog
from msgspec import Struct

from streams.ports import LogUnavailable
from streams.publish.request import Request

GROUP_EVENTS = 2_000
"""Most events in a group, unless a single request has more. Its round trips cost some 2 ms, each event some 25 µs: a
larger group saves nothing more and only makes its requests wait longer."""

MOST_EVENTS, MOST_REQUESTS = 40_000, 4_000
"""Most events and requests that may wait; beyond that, `submit` raises Overloaded and publishers try again later. The
events are 20 full groups, some seconds of work at worst; the second limit is for publishers that send single events."""

log = structlog.get_logger()


class Overloaded(Exception):
    """Too much is waiting, or this process is stopping; nothing of the request was written."""


class GroupPublisher(Protocol):
    """What a committer needs of a publisher."""

    def settle(self, group: Sequence[Request]) -> None:
        """Give every event of the group its verdict. Raises LogUnavailable."""

    def reset(self) -> None:
        """Drop all warm states."""


class _QueuedRequest(Struct):
    request: Request
    future: Future[Request]


class Committer:
    """Settles requests from any thread with one publisher, between `start` and `stop`; `stop` settles those that wait."""

    def __init__(
        self,
        publisher: GroupPublisher,
        *,
        group_events: int = GROUP_EVENTS,
        most_events: int = MOST_EVENTS,
        most_requests: int = MOST_REQUESTS,
    ) -> None:
        self._publisher = publisher
        self._group_events, self._most_events, self._most_requests = group_events, most_events, most_requests
        self._waiting: deque[_QueuedRequest] = deque()
        self._events, self._open, self._in_doubt = 0, False, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Start settling."""
        self._open = True
        self._thread.start()

    def stop(self) -> None:
        """Accept no more requests, settle those that wait, and end."""
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def waiting(self) -> int:
        """How many events wait to be settled."""
        return self._events

    def submit(self, request: Request) -> Future[Request]:
        """Queue a request; its future returns it with all its verdicts.

        Raises Overloaded immediately; the future may raise LogUnavailable. If the future is cancelled in time, the
        request is not settled.
        """
        size = len(request.events)
        with self._changed:
            if not self._open:
                raise Overloaded("this process is stopping and accepts no more events")
            if self._waiting and (
                self._events + size > self._most_events or len(self._waiting) >= self._most_requests
            ):
                raise Overloaded(f"{self._events} events are already waiting")
            queued = _QueuedRequest(request, Future())
            self._waiting.append(queued)
            self._events += size
            self._changed.notify()
        return queued.future

    def _run(self) -> None:
        try:
            while group := self._take():
                self._settle([each for each in group if each.future.set_running_or_notify_cancel()])
        finally:
            self._abandon()

    def _take(self) -> list[_QueuedRequest]:
        """Wait for requests and take a group of them; return an empty one once `stop` was called and nothing waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            group: list[_QueuedRequest] = []
            taken = 0
            while self._waiting:
                size = len(self._waiting[0].request.events)
                if group and taken + size > self._group_events:
                    break
                group.append(self._waiting.popleft())
                taken += size
            self._events -= taken
            return group

    def _settle(self, group: Sequence[_QueuedRequest]) -> None:
        """Settle a group; if that fails, settle each request alone, so that only those at fault fail."""
        if not group:
            return
        error = self._attempt(group)
        if error is None:
            for each in group:
                each.future.set_result(each.request)
        elif isinstance(error, LogUnavailable) or len(group) == 1:
            for each in group:
                each.future.set_exception(error)
        else:
            for each in group:
                self._settle([each])

    def _attempt(self, group: Sequence[_QueuedRequest]) -> Exception | None:
        """Try to settle a group; return the error if it fails: the warm states are in doubt then."""
        try:
            if self._in_doubt:
                self._publisher.reset()
                self._in_doubt = False
            self._publisher.settle([each.request for each in group])
        except LogUnavailable as error:
            self._in_doubt = True
            log.warning("log_unavailable", requests=len(group), reason=str(error))
            return error
        except Exception as error:
            self._in_doubt = True
            log.exception("settling_failed", requests=len(group), error=type(error).__name__)
            return error
        return None

    def _abandon(self) -> None:
        """Fail the requests that still wait if the thread ends for any reason but `stop`."""
        with self._changed:
            self._open = False
            for each in self._waiting:
                if each.future.set_running_or_notify_cancel():
                    each.future.set_exception(Overloaded("this process has stopped"))
            self._waiting.clear()
            self._events = 0
