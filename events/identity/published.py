"""Published rule data of identity: which posts carry which roles."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from events.dated import RULES_TAG, RuleData, dated
from events.event import Day
from events.identity.roles import Role
from events.identity.vocabulary import Tier
from events.roll.vocabulary import Post


class RoleGround(Struct, frozen=True):
    """The posts that carry a role, and the tiers (市、区、校) at which it is granted."""

    role: Role
    posts: list[Post]
    tiers: list[Tier]


class IdentityRulesPublished(RuleData, frozen=True):
    """The rules of identity have been published: which posts carry which roles (角色授权), in force from a day on."""

    since: Day
    roles: list[RoleGround]
    rules: Annotated[Literal["identity"], RULES_TAG] = "identity"


IDENTITY_RULES = dated(IdentityRulesPublished, "identity")

EVENTS = (IdentityRulesPublished,)
