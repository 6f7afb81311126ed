"""Comprehensive quality evaluation of pupils (综合素质评价): plan 三(3); published data decides who may enter what."""

from events.evaluation import entries, practice, published, reports

EVENTS = (*published.EVENTS, *entries.EVENTS, *practice.EVENTS, *reports.EVENTS)
