"""Salts: the same for the same event, and of no use to who guesses."""

from adapters.keys.salt import salt_of


def test_an_event_has_one_salt_under_a_secret() -> None:
    salt = salt_of(bytes(32))
    assert salt("/s", "1") == salt("/s", "1")
    assert len(salt("/s", "1")) == 16
    pairs = [("/s", "1"), ("/s", "2"), ("/s1", ""), ("", "/s1")]
    assert len({salt(*each) for each in pairs}) == len(pairs)
    assert salt_of(b"\1" * 32)("/s", "1") != salt("/s", "1")
