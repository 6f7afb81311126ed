"""A file of rule data: JSON Lines of CloudEvents, read like publishers' events, but never written to the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from adapters.door.door import Door
from adapters.keys.sealer import Sealer
from adapters.wire.bad_input import UNREADABLE, BadInput
from events.catalogue import by_name
from events.dated import RuleData
from events.event import Event
from streams.ports import Codec


class RuleFileFault(Exception):
    """A file of rule data is wrong: one sentence for each fault, with its line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))


def read_rules(path: Path, codec: Codec, sealer: Sealer) -> list[Event]:
    """Return the rule data in a file, in order. Raises RuleFileFault, which tells all faults at once."""
    types: dict[str, type[Event]] = {
        name: cls for name, cls in by_name().items() if issubclass(cls, RuleData)
    }
    door = Door(codec, sealer, types)
    events: list[Event] = []
    faults: list[str] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RuleFileFault([f"{path} cannot be read: {error.strerror}"]) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                events += door.single(line).events
            except BadInput as error:
                faults += [f"{path}:{number}: {each}" for each in _sentences(error, line, types)]
    if not faults and not events:
        faults = [f"{path} has no rule data"]
    if faults:
        raise RuleFileFault(faults)
    return events


def _sentences(error: BadInput, line: bytes, types: dict[str, type[Event]]) -> list[str]:
    if any(each.code == "unknown-type" for each in error.faults) and (named := _type(line)) in by_name():
        return [f"{named} is not rule data; rule data are {', '.join(sorted(types))}"]
    return [f"{each.pointer.lstrip('/') or 'the line'}: {each.detail}" for each in error.faults]


def _type(line: bytes) -> str:
    try:
        event: Any = msgspec.json.decode(line)
    except UNREADABLE:
        return ""
    return str(event.get("type")) if isinstance(event, dict) else ""
