"""Unified identity (统一身份认证): one person, one number; trusted sign-on; every login audited (plan, 一(3))."""

from events.identity import accounts, erasure, persons, published, roles, trust

EVENTS = (
    *published.EVENTS,
    *persons.EVENTS,
    *trust.EVENTS,
    *accounts.EVENTS,
    *roles.EVENTS,
    *erasure.EVENTS,
)
