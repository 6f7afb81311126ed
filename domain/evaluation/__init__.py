"""Rules of comprehensive quality evaluation (综合素质评价): plan 三(3); windows, terms and policies are published data."""

from domain.evaluation import entries, practice, published, reports

RULES = (*published.RULES, *practice.RULES, *entries.RULES, *reports.RULES)

REVISIONS = (*entries.REVISIONS, *reports.REVISIONS)
