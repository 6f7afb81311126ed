"""The figures of read models and of the shadow check."""

from __future__ import annotations

from typing import NamedTuple

from adapters.postgres.serve.pool import Pool, rows_if_any
from streams.read_ports import Walked

_MODELS = b"""
SELECT m.name, m.partitions, (SELECT count(*) FROM read.held AS h WHERE h.model = m.name),
    count(r.model), coalesce(extract(epoch FROM now() - min(r.marked_at)), 0)::float8
FROM read.models AS m LEFT JOIN read.refolding AS r ON r.model = m.name GROUP BY m.name
"""
_SHADOW = b"SELECT done, total, round_ended, jsonb_array_length(differing) FROM read.shadow"


class ModelFigures(NamedTuple):
    """A read model's partitions, its events in quarantine, its rows that are being folded again, and for how long."""

    partitions: int = 1
    held: int = 0
    refolding: int = 0
    refolding_seconds: float = 0.0


async def model_figures(pool: Pool) -> dict[str, ModelFigures]:
    """Return the figures of each read model."""
    return {name: ModelFigures(*found) for name, *found in await rows_if_any(pool, _MODELS)}


async def shadow_figures(pool: Pool) -> list[tuple[Walked, int]]:
    """Return how far the shadow check is and how many rows differ; nothing if it has never run."""
    return [
        (Walked(done, total, ended), differing)
        for done, total, ended, differing in await rows_if_any(pool, _SHADOW)
    ]
