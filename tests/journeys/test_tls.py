"""Mutual TLS: only who has a certificate of the named authority is answered, and can publish."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tests.processes.authority import Authority
from tests.processes.server import environment, serving, typed

EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test:tls",
    "type": "roll.SchoolRegistered",
    "time": "2024-09-01T08:00:00+08:00",
    "data": {"school": "s-1", "name": "A school", "district": "310101", "stages": ["primary"]},
}


def test_who_has_no_certificate_of_ours_is_not_answered(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    server, client, stranger = ours.issue("server"), ours.issue("client"), theirs.issue("stranger")
    env = environment(tmp_path / "home") | {
        "PUJIANG_TLS_CERT": str(server),
        "PUJIANG_TLS_KEY": str(server),
        "PUJIANG_TLS_CLIENT_CA": str(ours.file),
    }

    def get(address: str, certificate: Path | None = client) -> httpx.Response:
        context = ssl.create_default_context(cafile=ours.file)
        if certificate:
            context.load_cert_chain(certificate)
        return httpx.get(f"https://{address}", verify=context, timeout=PATIENCE)

    with serving(env, tmp_path / "out", get) as at:
        assert f"Pujiang answers on https://{at}" in (tmp_path / "out").read_text()
        for certificate in (None, stranger):
            with pytest.raises(httpx.TransportError):
                get(f"{at}/ready", certificate)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{at}/ready", timeout=PATIENCE)
        (tmp_path / "events.jsonl").write_text(json.dumps(EVENT))
        publish = (
            f"pujiang publish {tmp_path}/events.jsonl --url https://{at} --ca {ours.file} --cert {client}"
        )
        assert typed(f".venv/bin/{publish}", env) == "1 recorded\n"
