"""The entry comes back as it was made, and whatever is no entry is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from events.entry import MAX_BYTES, EntryTooLarge, Header, Proposal, complete, identity_key, key, parse

TEXTS = st.text(max_size=60).filter(lambda text: len(text.encode()) <= 255)
NAMES = st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=20)
CLOCKS = st.integers(-(2**63), 2**63 - 1)
PROPOSALS = st.builds(
    Proposal,
    source=TEXTS,
    id=TEXTS,
    type=TEXTS,
    occurred_at=CLOCKS,
    tags=st.lists(TEXTS, max_size=3).map(tuple),
    data=st.binary(max_size=200),
    salt=st.binary(min_size=16, max_size=16),
    extensions=st.dictionaries(NAMES, TEXTS, max_size=3).map(lambda found: tuple(sorted(found.items()))),
)
SALT = bytes(range(16))
GOLDEN = Proposal("城", "7", "roll.StudentEnrolled", 2, ("person:1",), b"\0\0\0\0\1body", SALT)


@given(PROPOSALS, CLOCKS)
def test_round_trip(proposal: Proposal, recorded_at: int) -> None:
    assert parse(complete(proposal.tail(), recorded_at)) == Header(
        recorded_at,
        proposal.occurred_at,
        proposal.source,
        proposal.id,
        proposal.type,
        proposal.data,
        proposal.salt,
        proposal.extensions,
    )


@given(PROPOSALS, CLOCKS)
def test_every_truncation_of_the_head_is_refused(proposal: Proposal, recorded_at: int) -> None:
    entry = complete(proposal.tail(), recorded_at)
    for size in range(len(entry) - len(proposal.data)):
        with pytest.raises(ValueError, match=r"cut short|version none"):
            parse(entry[:size])


@given(st.binary(max_size=120))
def test_noise_is_read_or_refused_but_never_breaks(noise: bytes) -> None:
    for entry in (noise, b"\x02" + noise):
        try:
            header = parse(entry)
        except ValueError:
            continue
        again = Proposal(
            header.source, header.id, header.type, header.occurred_at, (), header.data, header.salt
        )
        again = structs.replace(again, extensions=header.extensions)
        assert complete(again.tail(), header.recorded_at) == entry


@pytest.mark.parametrize("version", [0, 1, 3, 255])
def test_other_versions_are_refused(version: int) -> None:
    with pytest.raises(ValueError, match=f"version {version:02x} is unknown"):
        parse(bytes((version,)) + complete(GOLDEN.tail(), 1)[1:])


def test_format_is_fixed() -> None:
    assert complete(GOLDEN.tail(), 1).hex() == (
        "02"
        "0000000000000001"
        "0000000000000002"
        "000102030405060708090a0b0c0d0e0f"
        "03e59f8e"
        "0137"
        "14726f6c6c2e53747564656e74456e726f6c6c6564"
        "0000"
        "0000000001626f6479"
    )


def test_extensions_stand_before_the_data() -> None:
    traced = structs.replace(GOLDEN, extensions=(("causationid", "6"), ("traceparent", "00-学")))
    plain = complete(GOLDEN.tail(), 1)
    assert (
        complete(traced.tail(), 1)
        == plain.removesuffix(b"\0\0" + GOLDEN.data)
        + bytes.fromhex(
            "00210b" + b"causationid".hex() + "01360b" + b"traceparent".hex() + "06" + "00-学".encode().hex()
        )
        + GOLDEN.data
    )


@pytest.mark.parametrize("field", ["source", "id", "type"])
def test_names_are_at_most_255_bytes(field: str) -> None:
    longest = structs.replace(GOLDEN, **{field: "学" * 85})
    longest.tail()
    with pytest.raises(ValueError, match="at most 255 bytes"):
        structs.replace(longest, **{field: "学" * 85 + "x"}).tail()


def test_largest_entry() -> None:
    room = MAX_BYTES - len(complete(GOLDEN.tail(), 0)) + len(GOLDEN.data)
    largest = Proposal("城", "7", "roll.StudentEnrolled", 2, (), bytes(room))
    assert len(complete(largest.tail(), 0)) == MAX_BYTES
    with pytest.raises(EntryTooLarge, match="65536 bytes, more than 65535"):
        Proposal("城", "7", "roll.StudentEnrolled", 2, (), bytes(room + 1)).tail()


def test_keys_are_fixed() -> None:
    assert key("person:1") == 6287196418520758296
    assert identity_key("city.roll", "1").hex() == "4362c5ab9f403240177b865c1ea0503d"


def test_identities_are_told_apart_whatever_they_are_made_of() -> None:
    pairs = [("a\0b", "c"), ("a", "b\0c"), ("ab", "c"), ("a", "bc"), ("", "abc"), ("1 a", ""), ("1", " a")]
    assert len({identity_key(*pair) for pair in pairs}) == len(pairs)


@given(TEXTS, TEXTS)
def test_keys_fit_their_columns(source: str, identity: str) -> None:
    assert -(2**63) <= key(source) < 2**63
    assert len(identity_key(source, identity)) == 16
