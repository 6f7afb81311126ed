from pathlib import Path

import pytest

from adapters.kafka.clients import connection
from adapters.kafka.settings import Kafka, read_kafka
from adapters.process.environment import SettingsFault

SASL = {
    "PUJIANG_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "PUJIANG_KAFKA_USERNAME": "pujiang",
    "PUJIANG_KAFKA_PASSWORD": "secret",
}


def test_without_settings_there_is_no_bus() -> None:
    assert read_kafka({}) == Kafka()
    with pytest.raises(SettingsFault, match="PUJIANG_KAFKA is not set"):
        connection(Kafka())


def test_what_is_told_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ca").touch()
    told = {
        "PUJIANG_KAFKA": "kafka-1:9092, [::1]:9093",
        "PUJIANG_KAFKA_SECURITY": "SASL_SSL",
        "PUJIANG_KAFKA_CA": str(tmp_path / "ca"),
        "PUJIANG_TOPICS": "pujiang-2",
        **SASL,
    }
    assert read_kafka(told) == Kafka(
        servers=("kafka-1:9092", "[::1]:9093"),
        security="SASL_SSL",
        mechanism="SCRAM-SHA-512",
        username="pujiang",
        password="secret",
        ca=tmp_path / "ca",
        topics="pujiang-2",
    )


@pytest.mark.parametrize(
    "told, said",
    [
        ({"PUJIANG_KAFKA": "kafka"}, "PUJIANG_KAFKA is 'kafka'"),
        ({"PUJIANG_KAFKA": "kafka:0"}, "give host:port"),
        ({"PUJIANG_KAFKA": "http://kafka:9092"}, "give host:port"),
        ({"PUJIANG_KAFKA": "kafka:9092 kafka:9093"}, "give host:port"),
        ({"PUJIANG_KAFKA_SECURITY": "TLS"}, "PUJIANG_KAFKA_SECURITY is 'TLS': give one of PLAINTEXT"),
        ({"PUJIANG_KAFKA_SECURITY": "SASL_SSL"}, "needs PUJIANG_KAFKA_SASL_MECHANISM"),
        ({**SASL, "PUJIANG_KAFKA_SASL_MECHANISM": "GSSAPI"}, "is 'GSSAPI': give one of PLAIN"),
        (SASL, "need PUJIANG_KAFKA_SECURITY SASL_PLAINTEXT or SASL_SSL"),
        ({"PUJIANG_KAFKA_CA": "/nowhere"}, "PUJIANG_KAFKA_CA is /nowhere"),
        ({"PUJIANG_KAFKA_CA": __file__}, "need PUJIANG_KAFKA_SECURITY SSL or SASL_SSL"),
        ({"PUJIANG_KAFKA_SECURITY": "SSL", "PUJIANG_KAFKA_KEY": __file__}, "go together"),
        ({"PUJIANG_TOPICS": "pu jiang"}, "PUJIANG_TOPICS is 'pu jiang'"),
    ],
)
def test_a_fault_is_one_line_without_secrets(told: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        read_kafka(told)
    sentence = str(fault.value)
    assert said in sentence
    assert "\n" not in sentence
    assert "secret" not in sentence


def test_what_is_no_certificate_is_told() -> None:
    with pytest.raises(SettingsFault, match="do not name valid certificates"):
        connection(Kafka(servers=("kafka:9092",), security="SSL", ca=Path(__file__)))
