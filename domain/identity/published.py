"""Rules of identity that are published: the table of the posts that carry each role."""

from __future__ import annotations

from typing import TypeAlias

from domain.dated import listed, published_ahead, version_on
from domain.rule import Refused, Rule, refuse_if
from events.dated import Versions
from events.identity.published import IdentityRulesPublished, RoleGround
from events.identity.roles import Role

IdentityRules: TypeAlias = Versions[IdentityRulesPublished]


def ground_on(rules: IdentityRules, role: Role, day: str) -> RoleGround:
    """Return what carries a role on a day. Raises TooEarly without rules in force, Refused if they do not list the role."""
    for each in version_on(rules, day, "no-identity-rules", "identity rules").roles:
        if each.role == role:
            return each
    raise Refused(
        "post-does-not-carry-it", f"the identity rules in force on {day} do not list the role {role}"
    )


def roles_are_clear(proposed: IdentityRulesPublished) -> None:
    """The rules list each role once, with the posts that carry it; a student's role rests on the roll entry instead."""
    listed("roles", [each.role for each in proposed.roles])
    for each in proposed.roles:
        refuse_if(each.role == "student", "role-needs-roll-entry", "no post carries a student's role")
        listed(f"posts that carry the role {each.role}", each.posts)
        listed(f"tiers of the role {each.role}", each.tiers)


RULES = (published_ahead(IdentityRulesPublished), Rule(roles_are_clear))
