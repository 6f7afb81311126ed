"""Online integrity (网络诚信): observed conduct, objection, review and early warning; pledges, campaigns (plan, 九(3))."""

from events.integrity import conduct, pledges, published, reviews

EVENTS = (*published.EVENTS, *conduct.EVENTS, *reviews.EVENTS, *pledges.EVENTS)
