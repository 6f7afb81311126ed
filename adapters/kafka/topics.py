"""The topics as they are declared against those of the broker: what is missing is made, nothing is taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kafka.admin import ConfigResource, ConfigResourceType
from msgspec import Struct

from adapters.kafka.clients import KafkaFault
from streams.bus.topics import DAY_MS, FOR_EVER, Topic

COPIES = 3
"""Copies of each partition where there are enough brokers."""
IN_SYNC = 2
"""How many of three or more copies must have a record before it is acknowledged."""
SMALL_SEGMENT = 8 * 1024 * 1024
"""Bytes of a compacted topic's segments: only closed ones are compacted."""


class Step(Struct, frozen=True):
    """What is to be done about a topic, and what a reader is told of it."""

    topic: Topic
    act: Literal["make", "raise", "keep", "refuse"]
    told: str


def compare(client: Any, wanted: Sequence[Topic]) -> list[Step]:
    """Compare the declared topics with the broker's."""
    present = set(client.list_topics()).intersection(each.name for each in wanted)
    if not present:
        return [_step(each, None, {}) for each in wanted]
    described = client.describe_topics(sorted(present))
    counts = {each["name"]: len(each["partitions"]) for each in described}
    asked = [ConfigResource(ConfigResourceType.TOPIC, each) for each in sorted(present)]
    configs = client.describe_configs(asked, config_filter="all")["topic"]
    return [_step(each, counts.get(each.name), configs.get(each.name, {})) for each in wanted]


def _step(topic: Topic, partitions: int | None, config: Mapping[str, Any]) -> Step:
    if partitions is None:
        return Step(topic, "make", "make")
    if partitions != topic.partitions:
        return Step(topic, "refuse", f"has {partitions} partitions, not {topic.partitions}")
    policy = config["cleanup.policy"]["value"]
    if policy != _policy(topic):
        return Step(topic, "refuse", f"has the cleanup policy {policy}, not {_policy(topic)}")
    kept = int(config["retention.ms"]["value"])
    if kept == topic.retention_ms or topic.compacted:
        return Step(topic, "keep", "as it is")
    if kept == FOR_EVER or 0 <= topic.retention_ms < kept:
        return Step(topic, "keep", "as it is, kept for longer")
    return Step(topic, "raise", f"raise retention from {kept / DAY_MS:g} days")


def agreed(steps: Sequence[Step]) -> Sequence[Step]:
    """Return the steps. Raises KafkaFault where one is refused."""
    refused = [f"{each.topic.name} {each.told}" for each in steps if each.act == "refuse"]
    if refused:
        raise KafkaFault(
            f"{'; '.join(refused)}: this never changes under a name; take another prefix, PUJIANG_TOPICS"
        )
    return steps


def carry_out(client: Any, steps: Sequence[Step], replication: int | None = None) -> None:
    """Make topics and raise retention; `replication` copies, by default three or as many as there are brokers."""
    brokers = len(client.describe_cluster()["brokers"])
    copies = replication or min(COPIES, brokers)
    if copies > brokers:
        raise KafkaFault(f"{copies} copies need as many brokers; there are {brokers}")
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
        told = client.alter_configs(raised)["topic"]
        if faults := [f"{name}: {said}" for name, said in told.items() if said != "OK"]:
            raise KafkaFault("; ".join(faults))


def require(client: Any, wanted: Sequence[Topic]) -> None:
    """Make sure that the topics are there as declared. Raises KafkaFault."""
    steps = agreed(compare(client, wanted))
    if missing := [each.topic.name for each in steps if each.act == "make"]:
        raise KafkaFault(f"there is no topic {', '.join(missing)}: run 'pujiang topics apply'")


def _made(topic: Topic, copies: int) -> dict[str, Any]:
    configs = {"cleanup.policy": _policy(topic), "retention.ms": str(topic.retention_ms)}
    if topic.compacted:
        configs["segment.bytes"] = str(SMALL_SEGMENT)
    if copies > IN_SYNC:
        configs["min.insync.replicas"] = str(IN_SYNC)
    return {"num_partitions": topic.partitions, "replication_factor": copies, "configs": configs}


def _policy(topic: Topic) -> str:
    return "compact" if topic.compacted else "delete"
