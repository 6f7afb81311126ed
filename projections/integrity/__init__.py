"""Integrity scores explained line by line, cases, counts by school, and published rules (plan, 九(3))."""

from projections.integrity import cases, counts, published, scores
from projections.integrity.scores import score

READ_MODELS = (
    *scores.READ_MODELS,
    *cases.READ_MODELS,
    *counts.READ_MODELS,
    *published.READ_MODELS,
)

__all__ = ["READ_MODELS", "score"]
