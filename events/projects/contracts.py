"""Contracts and spending."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Event, Fen, Name, Number, Tag, Text
from events.projects.vocabulary import ProjectId, SupplierId, SystemId

ContractId = Annotated[Number, Tag("contract")]


class ContractAwarded(Event, frozen=True):
    """A supplier has been awarded a contract for a project (合同签订); `ground` says why without competition."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    supplier_name: Name
    procedure: Literal["open-tender", "invited-tender", "negotiation", "single-source", "framework"]
    amount: Fen
    subject: Name
    ground: Name | None = None


class ContractAmended(Event, frozen=True):
    """A contract's amount has been amended (合同变更)."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    from_amount: Fen
    to_amount: Fen
    reason: Text


class SpendingReported(Event, frozen=True):
    """Money has been spent under a contract (经费支出)."""

    contract: ContractId
    project: ProjectId
    supplier: SupplierId
    system: SystemId
    amount: Fen


EVENTS = (
    ContractAwarded,
    ContractAmended,
    SpendingReported,
)
