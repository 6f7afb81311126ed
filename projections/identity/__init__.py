"""Persons, accounts, the trust federation, roles, the audit of every login, and erasures (plan, 一(3))."""

from projections.identity import accounts, erasure, logins, persons, published, roles, trust

READ_MODELS = (
    *published.READ_MODELS,
    *persons.READ_MODELS,
    *accounts.READ_MODELS,
    *trust.READ_MODELS,
    *roles.READ_MODELS,
    *logins.READ_MODELS,
    *erasure.READ_MODELS,
)
