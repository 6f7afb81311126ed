"""Lifelong learning (终身学习): the archive, and the credit bank for recognition, accumulation and transfer (plan, 六(1))."""

from events.learning import accounts, certificates, courses, credit, outcomes, published, transfers

EVENTS = (
    *published.EVENTS,
    *accounts.EVENTS,
    *courses.EVENTS,
    *outcomes.EVENTS,
    *credit.EVENTS,
    *transfers.EVENTS,
    *certificates.EVENTS,
)
