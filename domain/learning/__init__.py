"""Rules of lifelong learning and the credit bank (学分银行): plan 六(1); hours, percentages and caps are published data."""

from __future__ import annotations

from domain.learning import accounts, certificates, courses, credit, outcomes, published, transfers

RULES = (
    *published.RULES,
    *accounts.RULES,
    *courses.RULES,
    *outcomes.RULES,
    *credit.RULES,
    *transfers.RULES,
    *certificates.RULES,
)

REVISIONS = (*credit.REVISIONS, *transfers.REVISIONS)
