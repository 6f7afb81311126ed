from adapters.contracts.codec import AvroCodec
from events.entry import Stored, complete
from events.roll.schools import SchoolClosed
from streams.workers.decode_once import Once


def test_an_entry_is_decoded_once_until_it_is_forgotten() -> None:
    codec = AvroCodec()
    closed = SchoolClosed("s-1", "merged", id="1", source="urn:test", occurred_at=1)
    stored = Stored(7, complete(codec.propose(closed).tail(), 2))
    once = Once(codec)
    (event,) = once.decode_all([stored])
    assert event == codec.decode(stored)
    assert once.decode(Stored(7, b"what a position has does not change")) is event
    once.forget()
    again = once.decode(stored)
    assert again == event
    assert again is not event
