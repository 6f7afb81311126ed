"""The histories that the refolding of one batch needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from events.event import Event
from events.order import in_order
from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.histories import Wanted, joined
from streams.history.kept_query import KeptQuery
from streams.history.past import DecodedHistory, Past
from streams.history.version import subscription
from streams.ports import Codec, Log


class BatchHistories:
    """The histories that a batch's refolding needs: each read once, with those of all aliases, in one query for all."""

    def __init__(self, log: Log, codec: Codec, aliases: Aliases, upto: int) -> None:
        self._log, self._codec, self._aliases, self._upto = log, codec, aliases, upto
        self._past = Past(log, codec, upto=upto)
        self._query = KeptQuery(self._past.query)

    @property
    def broken(self) -> bool:
        """Whether anything that was read cannot be decoded."""
        return bool(self._past.broken)

    def read(self, wanted: Mapping[str, Sequence[ReadModel[Any]]], upto: int) -> dict[str, DecodedHistory]:
        """Return histories as of a position in the batch, with all that the models need."""
        types = {tag: _types(tuple(models)) for tag, models in wanted.items()}
        query = self._query if upto == self._upto else partial(self._before, upto)
        found = joined(query, types, self._known)
        return {
            tag: DecodedHistory(in_order(each.events), taken_back=each.taken_back)
            for tag, each in found.items()
        }

    def alone(self, tag: str, model: ReadModel[Any], upto: int) -> DecodedHistory:
        """Return one history as of a position, with the first entry in it that cannot be decoded."""
        return Past(self._log, self._codec, upto=upto).apart({tag: subscription(model)})[tag]

    def _before(self, upto: int, wanted: Wanted) -> dict[str, Sequence[Event]]:
        found = self._query(wanted)
        return {tag: [each for each in events if each.position <= upto] for tag, events in found.items()}

    def _known(self, tag: str) -> list[str]:
        kind, _, value = tag.partition(":")
        return [f"{kind}:{each}" for each in self._aliases.members(kind, value)]


@cache
def _types(models: tuple[ReadModel[Any], ...]) -> tuple[type[Event], ...]:
    return tuple(dict.fromkeys(each for model in models for each in subscription(model)))
