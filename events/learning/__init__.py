"""Lifelong learning (终身学习): archive, and the credit bank that recognises, counts and transfers (plan, 六(1))."""

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
