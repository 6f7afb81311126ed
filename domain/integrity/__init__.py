"""Rules of online integrity (网络诚信): plan 九(3); weights, half-lives, time limits and ages are published data."""

from domain.integrity import conduct, numbers, pledges, published, reviews

RULES = (*published.RULES, *numbers.RULES, *conduct.RULES, *reviews.RULES, *pledges.RULES)

REVISIONS = conduct.REVISIONS
