"""The figures of read models and of the shadow check."""

from __future__ import annotations

from adapters.postgres.serve.pool import Pool, rows_if_any
from streams.read_ports import Walked

_MODELS = b"""
SELECT m.name, m.partitions, (SELECT count(*) FROM read.held AS h WHERE h.model = m.name) FROM read.models AS m
"""
_SHADOW = b"SELECT done, total, round_ended, jsonb_array_length(differing) FROM read.shadow"


async def model_figures(pool: Pool) -> dict[str, tuple[int, int]]:
    """Return the number of partitions and of events in quarantine by read model."""
    return {name: (partitions, held) for name, partitions, held in await rows_if_any(pool, _MODELS)}


async def shadow_figures(pool: Pool) -> list[tuple[Walked, int]]:
    """Return how far the shadow check is and how many rows differ; nothing if it has never run."""
    return [
        (Walked(done, total, ended), differing)
        for done, total, ended, differing in await rows_if_any(pool, _SHADOW)
    ]
