"""Identity documents (证件): each is one person's at a time, until it is withdrawn or the person is erased."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import Rule, ever, refuse_if, too_early_if
from events.fold import Fold
from events.identity.documents import SHARED
from events.identity.erasure import PersonErased
from events.identity.persons import DocumentAdded, DocumentWithdrawn, PersonRegistered

Shown = PersonRegistered | DocumentAdded


class Document(Struct):
    """Whether a document is somebody's; a household register (户口簿) is a family's, and so nobody's."""

    document: str
    taken: bool = False


def document(state: Document, event: Shown | DocumentWithdrawn | PersonErased) -> None:
    """Follow a document from whoever shows it to its withdrawal, or to the erasure of its holder."""
    state.taken = isinstance(event, PersonRegistered | DocumentAdded) and identifies(event)


DOCUMENT = Fold("document", Document, document)


class Documents(Struct):
    """The documents that a person holds, under all their numbers."""

    person: str
    held: list[str] = field(default_factory=list)


def documents(state: Documents, event: Shown | DocumentWithdrawn | PersonErased) -> None:
    """Follow the documents of a person."""
    match event:
        case PersonRegistered() | DocumentAdded():
            if event.document is not None:
                state.held.append(event.document)
        case DocumentWithdrawn():
            state.held = [each for each in state.held if each != event.document]
        case PersonErased():
            state.held = []


DOCUMENTS = Fold("person", Documents, documents)


def identifies(event: Shown) -> bool:
    """Return whether the document that is shown identifies the person, and is not a household register."""
    kind = event.document_kind if isinstance(event, PersonRegistered) else event.kind
    return kind != SHARED


def document_of_one_person(document: Document, proposed: Shown) -> None:
    """An identity document belongs to one person, who may hold several; a household register identifies nobody."""
    refuse_if(
        document.taken and identifies(proposed),
        "document-taken",
        f"the document presented by {proposed.person} is somebody's already: withdraw it where it was added by mistake",
    )


def withdrawn_by_its_holder(documents: Documents, proposed: DocumentWithdrawn) -> None:
    """A document is withdrawn only from the person who holds it."""
    too_early_if(
        proposed.document not in documents.held,
        "unknown-document",
        f"{proposed.person} holds no such document",
    )


def frees_all_documents(documents: Documents, proposed: PersonErased) -> None:
    """An erasure frees all documents of the person, and no others: with one of them they can be registered again."""
    refuse_if(
        set(proposed.frees) != {f"document:{each}" for each in documents.held},
        "frees-otherwise",
        f"'frees' must list the tags of the documents that {proposed.person} holds, which 'persons' shows",
    )


RULES = (
    Rule(document_of_one_person, ever(DOCUMENT)),
    Rule(withdrawn_by_its_holder, ever(DOCUMENTS)),
    Rule(frees_all_documents, ever(DOCUMENTS)),
)
