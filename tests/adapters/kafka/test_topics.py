import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from adapters.kafka.clients import KafkaFault, admin
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import agreed, carry_out, compare, require
from streams.bus.topics import DAY_MS, FOR_EVER, Topic, topics


def apply(bus: Kafka, wanted: tuple[Topic, ...]) -> list[str]:
    with admin(bus) as client:
        steps = compare(client, wanted)
        carry_out(client, agreed(steps))
    return [each.act for each in steps]


def configs(bus: Kafka, topic: str) -> dict[str, str]:
    with admin(bus) as client:
        found = client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all"
        )
    return {name: each["value"] for name, each in found["topic"][topic].items()}


def test_all_declared_topics_are_made_once(bus: Kafka) -> None:
    wanted = tuple(topics(bus.topics))
    assert apply(bus, wanted) == ["make"] * len(wanted)
    assert apply(bus, wanted) == ["keep"] * len(wanted)
    with admin(bus) as client:
        require(client, wanted)
        made = {each["name"]: len(each["partitions"]) for each in client.describe_topics()}
    assert {each.name: each.partitions for each in wanted}.items() <= made.items()
    events, relayed = configs(bus, f"{bus.topics}.events"), configs(bus, f"{bus.topics}.relayed")
    assert (events["cleanup.policy"], events["retention.ms"]) == ("delete", str(30 * DAY_MS))
    assert relayed["cleanup.policy"] == "compact"


def test_retention_is_raised_and_never_lowered(bus: Kafka) -> None:
    name = f"{bus.topics}.raised"
    assert apply(bus, (Topic(name, 2, 7 * DAY_MS),)) == ["make"]
    assert apply(bus, (Topic(name, 2, 3 * DAY_MS),)) == ["keep"]
    assert configs(bus, name)["retention.ms"] == str(7 * DAY_MS)
    assert apply(bus, (Topic(name, 2, 9 * DAY_MS),)) == ["raise"]
    assert configs(bus, name)["retention.ms"] == str(9 * DAY_MS)
    assert apply(bus, (Topic(name, 2, FOR_EVER),)) == ["raise"]
    assert apply(bus, (Topic(name, 2, 9 * DAY_MS),)) == ["keep"]
    assert configs(bus, name)["retention.ms"] == str(FOR_EVER)


@pytest.mark.parametrize(
    "changed, said",
    [
        (Topic("", 3, DAY_MS), "has 2 partitions, not 3"),
        (Topic("", 1, DAY_MS), "has 2 partitions, not 1"),
        (Topic("", 2, DAY_MS, compacted=True), "has the cleanup policy delete, not compact"),
    ],
)
def test_what_never_changes_under_a_name_is_refused_whole(bus: Kafka, changed: Topic, said: str) -> None:
    name, other = f"{bus.topics}.fixed", Topic(f"{bus.topics}.other", 1, DAY_MS)
    apply(bus, (Topic(name, 2, DAY_MS),))
    wanted = (Topic(name, changed.partitions, changed.retention_ms, changed.compacted), other)
    with pytest.raises(KafkaFault, match=f"{name} {said}"):
        apply(bus, wanted)
    with admin(bus) as client:
        assert other.name not in client.list_topics()


def test_what_is_missing_is_told(bus: Kafka) -> None:
    with admin(bus) as client, pytest.raises(KafkaFault, match="run `pujiang topics apply`"):
        require(client, topics(bus.topics))


def test_more_copies_than_brokers_are_refused(bus: Kafka) -> None:
    with admin(bus) as client, pytest.raises(KafkaFault, match="2 copies need 2 brokers, but there are 1"):
        carry_out(client, compare(client, topics(bus.topics)), 2)
