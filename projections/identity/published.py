"""Published rules of identity."""

from __future__ import annotations

from msgspec import Struct, field

from events.identity.published import IdentityRulesPublished, RoleGround
from projections.read_model import ReadModel


class IdentityRules(Struct):
    """The posts that carry each role, in force from a day until newer rules replace them."""

    rules: str
    since: str
    roles: list[RoleGround] = field(default_factory=list)


def identity_rules(row: IdentityRules, event: IdentityRulesPublished) -> None:
    """Keep what was last published for the day."""
    row.roles = event.roles


READ_MODELS = (ReadModel("identity-rules", "rules", IdentityRules, identity_rules, sort=("since",)),)
