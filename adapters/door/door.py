"""The door: what publishers send is checked, sealed and encoded as events and proposals, or rejected with its faults.

Faults point into the structured form of what was sent, `/3/data/grade`, in binary mode too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote

import msgspec
from msgspec import Raw, Struct

from adapters.door.draft import Draft, UnstoredFields
from adapters.door.intake import REVEALING, Intake
from adapters.keys.sealer import Clear, Sealer
from adapters.wire.bad_input import TOO_LARGE, UNREADABLE, BadInput, Fault, bad, unreadable
from adapters.wire.cloudevent import Envelope, is_json
from adapters.wire.http_binding import RawHeaders, from_headers
from adapters.wire.json_format import from_json, many_from_json
from adapters.wire.members import repeated
from events.catalogue import by_name, publishable
from events.clock import micros, start_of
from events.entry import LONGEST_NAME, EntryTooLarge, Proposal
from events.erasing import Pair
from events.event import Event
from events.extensions import TRACE
from events.identity_number import reveals_identity
from streams.ports import Codec
from streams.publish.request import Request
from streams.publish.unstored import DataKey, Unstored

MOST_EVENTS = 10_000
"""How many events a request may have: about 10 MB, which is judged in a second."""

MOST_FAULTS = 10_000
"""The most faults that are reported for one request."""

FIRST_DAY = "1900-01-01"

_EARLIEST = start_of(FIRST_DAY)

_apart = msgspec.json.Decoder(list[Raw]).decode

Placed = tuple[str, Envelope]
"""An envelope and the pointer to it."""


class _Taken(Struct, gc=False):
    """An event that came in; `unstored` if it is sealed under new keys."""

    event: Event
    proposal: Proposal
    unstored: Unstored | None


def _request_of(taken: Sequence[_Taken]) -> Request:
    return Request(
        [each.event for each in taken],
        [each.proposal for each in taken],
        unstored={index: each.unstored for index, each in enumerate(taken) if each.unstored},
    )


class _Loose(Struct):
    """What may be read of an event that cannot be read as a whole."""

    type: str
    data: Raw = Raw()
    data_base64: bytes = b""


_loose = msgspec.json.Decoder(_Loose).decode


class Door:
    """Takes in events of the types that it knows. Any thread may use it. Raises BadInput if anything is wrong."""

    def __init__(self, codec: Codec, sealer: Sealer, types: Mapping[str, type[Event]] | None = None) -> None:
        self._codec, self._sealer = codec, sealer
        self._intakes = {
            name: Intake(cls, sealer.hash_document)
            for name, cls in (publishable() if types is None else types).items()
        }

    def single(self, body: bytes) -> Request:
        """Take in one CloudEvent in JSON."""
        try:
            envelope = from_json(body)
        except BadInput as error:
            raise BadInput([*error.faults, *self._faults_of_data("", body)]) from error
        return self._request([("", envelope)], [])

    def binary(self, headers: RawHeaders, body: bytes) -> Request:
        """Take in one CloudEvent whose attributes are `ce-` headers and whose data is the body."""
        return self._request([("", from_headers(headers, body))], [])

    def several(self, envelopes: Sequence[Envelope]) -> list[Request | BadInput]:
        """Take in unrelated CloudEvents: each is accepted or rejected by itself, and all are sealed in one batch."""
        faults: list[Fault] = []
        taken = self._taken(((f"/{index}", each) for index, each in enumerate(envelopes)), faults)
        wrong: dict[int, list[Fault]] = {}
        for each in faults:
            index, inside = _index(each), each.pointer.removeprefix(f"/{_index(each)}")
            wrong.setdefault(index, []).append(Fault(each.code, each.detail, inside))
        requests = iter([_request_of([each]) for each in taken])
        return [
            BadInput(wrong[index]) if index in wrong else next(requests) for index in range(len(envelopes))
        ]

    def batch(self, body: bytes) -> Request:
        """Take in a JSON array of CloudEvents. If any are wrong, all faults are reported at once and none is accepted."""
        faults: list[Fault] = []
        try:
            envelopes = many_from_json(body)
        except (BadInput, *UNREADABLE):
            placed = self._one_by_one(body, faults)
        else:
            placed = [(f"/{index}", each) for index, each in enumerate(envelopes)]
        if len(placed) > MOST_EVENTS:
            raise bad(TOO_LARGE, f"a request has at most {MOST_EVENTS} events")
        return self._request(placed, faults)

    def _one_by_one(self, body: bytes, faults: list[Fault]) -> list[Placed]:
        """Read the events of a batch one by one, and add the faults of those that are wrong."""
        try:
            raws = _apart(body)
        except UNREADABLE as error:
            raise unreadable(error) from error
        placed = []
        for index, raw in enumerate(raws):
            try:
                placed.append((f"/{index}", from_json(bytes(raw), f"/{index}")))
            except BadInput as error:
                faults += [*error.faults, *self._faults_of_data(f"/{index}", bytes(raw))]
        return placed

    def _faults_of_data(self, place: str, body: bytes) -> Sequence[Fault]:
        """Return what is wrong with the data of an event whose attributes are wrong, as far as it can be read."""
        try:
            found = _loose(body)
        except UNREADABLE:
            return ()
        intake = self._intakes.get(found.type)
        data = found.data or found.data_base64
        if intake is None or not data:
            return ()
        return BadInput(intake.faults(data)).under(f"{place}/data").faults

    def _request(self, placed: Iterable[Placed], faults: list[Fault]) -> Request:
        taken = self._taken(placed, faults)
        if faults:
            raise BadInput(sorted(faults, key=_index)[:MOST_FAULTS])
        return _request_of(taken)

    def _taken(self, placed: Iterable[Placed], faults: list[Fault]) -> list[_Taken]:
        """Take in those without faults, in order; the faults of the others are added to `faults`."""
        taken = []
        for draft, unstored in self._sealed(self._drafts(placed, faults), faults):
            try:
                taken.append(_Taken(*self._encoded(draft), unstored))
            except BadInput as error:
                faults.extend(error.faults)
        return taken

    def _drafts(self, placed: Iterable[Placed], faults: list[Fault]) -> list[Draft]:
        drafts = []
        for place, envelope in placed:
            try:
                drafts.append(self._draft(place, envelope))
            except BadInput as error:
                faults.extend(error.faults)
        return drafts

    def _draft(self, place: str, envelope: Envelope) -> Draft:
        intake = self._intakes.get(envelope.type)
        if intake is None:
            raise bad("unknown-type", self._unknown(envelope.type), f"{place}/type")
        occurred_at = micros(envelope.time)
        wrong = [
            Fault(code, detail, f"{place}/{name}") for name, code, detail in _check(envelope, occurred_at)
        ]
        if envelope.data_base64:
            wrong += repeated(envelope.data_base64, f"{place}/data")
        try:
            values = intake.read(envelope.data)
        except (BadInput, *UNREADABLE) as error:
            found = intake.faults(envelope.data) or _as_bad(error).faults
            raise BadInput([*wrong, *BadInput(found).under(f"{place}/data").faults]) from error
        if wrong:
            raise BadInput(wrong)
        return Draft(place, envelope, intake, values, occurred_at)

    def _unknown(self, type_: str) -> str:
        if type_ in by_name().keys() - publishable().keys():
            return f"'{type_}' is stated by this system itself, and accepted from nobody"
        context = type_.partition(".")[0]
        known = sorted(name for name in self._intakes if name.startswith(f"{context}."))
        if known:
            return f"'{type_}' is not an event type; {context} has {', '.join(known)}"
        contexts = sorted({name.partition(".")[0] for name in self._intakes})
        return f"'{type_}' is not an event type; the contexts are {', '.join(contexts)}"

    def _sealed(self, drafts: list[Draft], faults: list[Fault]) -> list[tuple[Draft, UnstoredFields | None]]:
        """Seal the personal fields of all drafts in one batch; return the drafts that could be sealed."""
        personal = [draft.personal() for draft in drafts]
        sealed, new = self._sealer.draft_batch([value for each in personal for _, value in each])
        rest, found = iter(sealed), []
        for draft, fields in zip(drafts, personal, strict=True):
            draft.values |= ((name, next(rest)) for name, _ in fields)
            if gone := [name for name, _ in fields if draft.values[name] is None]:
                detail = "personal data of this person has been erased, and no more is accepted"
                faults.extend(Fault("erased", detail, f"{draft.place}/data/{name}") for name in gone)
                continue
            keys = {value.pair: new[value.pair] for _, value in fields if value.pair in new}
            found.append((draft, self._unstored(draft, fields, keys) if keys else None))
        return found

    def _unstored(
        self, draft: Draft, fields: Sequence[tuple[str, Clear]], keys: dict[Pair, DataKey]
    ) -> UnstoredFields:
        return UnstoredFields(draft, fields, keys, sealer=self._sealer, encode=self._encoded)

    def _encoded(self, draft: Draft) -> tuple[Event, Proposal]:
        envelope = draft.envelope
        event = draft.intake.cls(
            **draft.values,
            id=envelope.id,
            source=envelope.source,
            occurred_at=draft.occurred_at,
            extensions=envelope.extensions,
        )
        try:
            proposal = self._codec.propose(event)
        except EntryTooLarge as error:
            raise bad(TOO_LARGE, str(error), draft.place) from error
        if envelope.subject is not None and not _is_subject(envelope.subject, proposal.tags):
            detail = f"the subject of this event is {', '.join(proposal.tags[:1]) or 'absent'}"
            raise bad("invalid", detail, f"{draft.place}/subject")
        return event, proposal


def _as_bad(error: Exception) -> BadInput:
    return error if isinstance(error, BadInput) else unreadable(error)


def _encoded_reveals(value: str) -> bool:
    return reveals_identity(value) or ("%" in value and reveals_identity(unquote(value)))


_source_reveals = lru_cache(maxsize=1024)(_encoded_reveals)
"""Sources send many events each."""


def _check(envelope: Envelope, occurred_at: int) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong of what the envelope's types cannot express: attribute, code and sentence."""
    for name, value in (("id", envelope.id), ("source", envelope.source), *envelope.extensions):
        reveals = _source_reveals if name == "source" else _encoded_reveals
        if name != TRACE and reveals(value):
            yield name, "identity-number", REVEALING
        if not value.isascii() and len(value.encode()) > LONGEST_NAME:
            yield name, "invalid", f"it has more than {LONGEST_NAME} bytes"
    if "#" in envelope.id:
        yield (
            "id",
            "invalid",
            "an id has no '#': other events cite this one as source#id, split at the last '#'",
        )
    if occurred_at < _EARLIEST:
        yield "time", "invalid", f"the time is before {FIRST_DAY}"
    if envelope.datacontenttype is not None and not is_json(envelope.datacontenttype):
        yield "datacontenttype", "invalid", "the data must be JSON"


def _is_subject(subject: str, tags: Sequence[str]) -> bool:
    return bool(tags) and subject in (tags[0], tags[0].partition(":")[2])


def _index(fault: Fault) -> int:
    first = fault.pointer.split("/", 2)[1:2]
    return int(first[0]) if first and first[0].isascii() and first[0].isdigit() else 0
