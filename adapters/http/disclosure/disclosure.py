"""The disclosure of one log and its read models."""

from __future__ import annotations

from typing import Self

from msgspec import Struct

from adapters.http.disclosure.events import LogEvents
from adapters.http.disclosure.fields import Opener, SealedFields
from adapters.http.disclosure.histories import RowHistories
from adapters.http.disclosure.messages import RefusedMessages
from adapters.http.disclosure.rows import CurrentRows
from adapters.postgres.serve.live_rows import LiveRows
from adapters.postgres.serve.pool import Pool
from adapters.postgres.serve.tables import LiveTables
from streams.ports import Codec, Log


class Disclosure(Struct, frozen=True):
    """Gives out rows, events and opened fields, to a caller that each method is given."""

    fields: SealedFields
    rows: CurrentRows
    histories: RowHistories
    events: LogEvents
    messages: RefusedMessages

    @classmethod
    def over(
        cls, log: Log, codec: Codec, opener: Opener, *, pool: Pool, tables: LiveTables, inbox: str
    ) -> Self:
        """Return the disclosure of a log, its read models, and the refused messages of its inbox."""
        fields = SealedFields(opener)
        return cls(
            fields,
            CurrentRows(LiveRows(pool), tables, fields),
            RowHistories(log, codec, fields),
            LogEvents(log, codec, fields),
            RefusedMessages(pool, inbox, log, fields),
        )
