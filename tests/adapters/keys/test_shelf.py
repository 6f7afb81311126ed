"""What both backends keep besides keys and secrets, each concern for itself."""

from __future__ import annotations

from adapters.keys.shelf import Shelf

Shelves = tuple[Shelf, Shelf]


def test_what_was_signed_is_replaced_only_by_who_knows_it(shelves: Shelves) -> None:
    first, again = (each.notes for each in shelves)
    assert first.last("log") is None
    assert first.replace("log", None, "one")
    assert not again.replace("log", None, "two")
    assert again.replace("log", "one", "two")
    assert not first.replace("log", "one", "three")
    assert first.last("log") == "two"
    assert again.last("other") is None


def test_each_log_has_a_bookmark_of_its_own(shelves: Shelves) -> None:
    first, again = (each.bookmarks for each in shelves)
    assert (first.position("log"), first.any()) == (0, False)
    first.begin("log")
    assert (again.position("log"), again.any()) == (0, True)
    first.move("log", 5)
    again.begin("log")
    assert first.position("log") == 5
    first.move("other", 7)
    again.move("log", 6)
    assert [first.position("log"), again.position("other")] == [6, 7]


def test_one_key_encryption_key_is_in_use_until_it_is_replaced(shelves: Shelves) -> None:
    first, again = (each.kek for each in shelves)
    assert first.fingerprint() is None
    first.begin_with("a")
    again.begin_with("b")
    assert again.fingerprint() == "a"
    assert not again.replace("b", "c")
    assert again.replace("a", "b")
    assert again.replace("a", "b")
    assert first.fingerprint() == "b"


def test_new_keys_and_secrets_are_wrapped_by_the_one_in_use(shelves: Shelves) -> None:
    first, again = shelves
    first.kek.begin_with("a")
    first.keys.add({("p", "person"): 2}, lambda pair, kek: f"{pair} {kek}".encode())
    assert first.secrets.get_or_make("s", str.encode) == b"a"
    again.kek.replace("a", "b")
    again.keys.add({("p", "person"): 9, ("q", "person"): 5}, lambda pair, kek: f"{pair[0]} {kek}".encode())
    assert [again.secrets.get_or_make(name, str.encode) for name in "st"] == [b"a", b"b"]
    assert [(row.id, row.wrapped) for row in first.keys.page(0, 9)] == [
        (2, b"('p', 'person') a"),
        (5, b"q b"),
    ]
