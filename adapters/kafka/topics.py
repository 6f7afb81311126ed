"""The declared topics against those of the broker: missing ones are created, nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kafka.admin import ConfigResource, ConfigResourceType
from msgspec import Struct

from adapters.kafka.clients import KafkaFault
from streams.bus.topics import DAY_MS, FOR_EVER, Topic

COPIES = 3
"""Copies of each partition, if there are enough brokers."""
IN_SYNC = 2
"""How many copies, of three or more, must have a record before it is acknowledged: one may be down."""
SMALL_SEGMENT = 8 * 1024 * 1024
"""Bytes of a segment of a compacted topic. Only closed segments are compacted, so they are kept small."""


class TopicStep(Struct, frozen=True):
    """What is to be done about a topic, and how it is described to the user."""

    topic: Topic
    act: Literal["make", "raise", "keep", "refuse"]
    description: str


def compare(client: Any, wanted: Sequence[Topic]) -> list[TopicStep]:
    """Compare the declared topics with those of the broker."""
    present = set(client.list_topics()).intersection(each.name for each in wanted)
    if not present:
        return [_step(each, None, {}) for each in wanted]
    described = client.describe_topics(sorted(present))
    counts = {each["name"]: len(each["partitions"]) for each in described}
    asked = [ConfigResource(ConfigResourceType.TOPIC, each) for each in sorted(present)]
    configs = client.describe_configs(asked, config_filter="all")["topic"]
    return [_step(each, counts.get(each.name), configs.get(each.name, {})) for each in wanted]


def _step(topic: Topic, partitions: int | None, config: Mapping[str, Any]) -> TopicStep:
    if partitions is None:
        return TopicStep(topic, "make", "make")
    if partitions != topic.partitions:
        return TopicStep(topic, "refuse", f"has {partitions} partitions, not {topic.partitions}")
    policy = config["cleanup.policy"]["value"]
    if policy != _policy(topic):
        return TopicStep(topic, "refuse", f"has the cleanup policy {policy}, not {_policy(topic)}")
    kept = int(config["retention.ms"]["value"])
    if kept == topic.retention_ms or topic.compacted:
        return TopicStep(topic, "keep", "as it is")
    if kept == FOR_EVER or 0 <= topic.retention_ms < kept:
        return TopicStep(topic, "keep", "as it is, with longer retention")
    return TopicStep(topic, "raise", f"raise retention from {kept / DAY_MS:g} days")


def agreed(steps: Sequence[TopicStep]) -> Sequence[TopicStep]:
    """Return the steps. Raises KafkaFault if one of them is refused."""
    refused = [f"{each.topic.name} {each.description}" for each in steps if each.act == "refuse"]
    if refused:
        raise KafkaFault(
            f"{'; '.join(refused)}: a topic cannot change that; set another prefix, PUJIANG_TOPICS"
        )
    return steps


def carry_out(client: Any, steps: Sequence[TopicStep], replication: int | None = None) -> None:
    """Create topics and raise retention, with `replication` copies, by default three or the number of brokers."""
    brokers = len(client.describe_cluster()["brokers"])
    copies = replication or min(COPIES, brokers)
    if copies > brokers:
        raise KafkaFault(f"{copies} copies need {copies} brokers, but there are {brokers}")
    made = {each.topic.name: _made(each.topic, copies) for each in steps if each.act == "make"}
    if made:
        client.create_topics(made, wait_for_metadata=True)
    raised = [
        ConfigResource(
            ConfigResourceType.TOPIC, each.topic.name, {"retention.ms": str(each.topic.retention_ms)}
        )
        for each in steps
        if each.act == "raise"
    ]
    if raised:
        answers = client.alter_configs(raised)["topic"]
        if faults := [f"{name}: {said}" for name, said in answers.items() if said != "OK"]:
            raise KafkaFault("; ".join(faults))


def require(client: Any, wanted: Sequence[Topic]) -> None:
    """Raise KafkaFault unless the topics exist as they are declared."""
    steps = agreed(compare(client, wanted))
    if missing := [each.topic.name for each in steps if each.act == "make"]:
        raise KafkaFault(f"there is no topic {', '.join(missing)}: run `pujiang topics apply`")


def _made(topic: Topic, copies: int) -> dict[str, Any]:
    configs = {"cleanup.policy": _policy(topic), "retention.ms": str(topic.retention_ms)}
    if topic.compacted:
        configs["segment.bytes"] = str(SMALL_SEGMENT)
    if copies > IN_SYNC:
        configs["min.insync.replicas"] = str(IN_SYNC)
    return {"num_partitions": topic.partitions, "replication_factor": copies, "configs": configs}


def _policy(topic: Topic) -> str:
    return "compact" if topic.compacted else "delete"
