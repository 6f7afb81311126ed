"""Read models of comprehensive quality evaluation (plan, 三(3)): several dimensions, no total, no ranking."""

from projections.evaluation import counts, entries, practice, profiles, published, releases, reports

READ_MODELS = (
    *published.READ_MODELS,
    *practice.READ_MODELS,
    *entries.READ_MODELS,
    *profiles.READ_MODELS,
    *reports.READ_MODELS,
    *counts.READ_MODELS,
    *releases.READ_MODELS,
)
