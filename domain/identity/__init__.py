"""Rules of unified identity (统一身份认证): plan 一(3)."""

from domain.identity import accounts, documents, erasure, life, persons, published, roles, trust

RULES = (
    *published.RULES,
    *persons.RULES,
    *documents.RULES,
    *life.RULES,
    *trust.RULES,
    *accounts.RULES,
    *roles.RULES,
    *erasure.RULES,
)
