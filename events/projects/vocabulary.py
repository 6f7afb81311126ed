"""Types that the whole context shares."""

from __future__ import annotations

from typing import Annotated

from events.event import Number, Tag

ProjectId = Annotated[Number, Tag("project")]
SupplierId = Annotated[Number, Tag("supplier")]
SystemId = Annotated[Number, Tag("system")]
