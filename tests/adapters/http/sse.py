"""A client of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any


class Stream:
    """Server-sent events, one after another."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.lines = lines
        self.seen = ""

    async def next(self) -> tuple[str, Any]:
        name = ""
        async with asyncio.timeout(5):
            async for line in self.lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    self.seen = value
                if field == "event":
                    name = value
                if field == "data":
                    return name, json.loads(value)
        raise AssertionError("the stream has ended")

    async def until_seen(self, position: int) -> None:
        async with asyncio.timeout(5):
            async for line in self.lines:
                if line == f"id: {position}":
                    return
