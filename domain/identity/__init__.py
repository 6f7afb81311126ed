"""Rules of unified identity (统一身份认证): plan 一(3)."""

from domain.identity import accounts, erasure, persons, roles, trust

RULES = (*persons.RULES, *trust.RULES, *accounts.RULES, *roles.RULES, *erasure.RULES)
