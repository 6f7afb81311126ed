"""An HTTP/1.1 client that costs almost nothing, so that the server is what is measured."""

from __future__ import annotations

import socket
from collections.abc import Sequence

BATCH = "application/cloudevents-batch+json"


def post(at: str, body: bytes) -> bytes:
    """Return the request that publishes a batch."""
    head = (
        f"POST /events HTTP/1.1\r\nHost: {at}\r\nContent-Type: {BATCH}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(at: str, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {at}\r\n\r\n".encode()


class Client:
    """One persistent connection; requests are complete and made beforehand."""

    def __init__(self, at: str) -> None:
        host, _, port = at.rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def receive(self) -> bytes:
        """Return the body of the next response, which must be a success."""
        head = self._left
        while (end := head.find(b"\r\n\r\n")) < 0:
            head += self._more()
        assert head.startswith(b"HTTP/1.1 2"), head[:500]
        start = head.lower().index(b"content-length:") + 15
        length = int(head[start : head.index(b"\r\n", start)])
        body = head[end + 4 :]
        while len(body) < length:
            body += self._more()
        self._left = body[length:]
        return body[:length]

    def exchange(self, request: bytes) -> bytes:
        self.send(request)
        return self.receive()

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        found = self._socket.recv(1 << 18)
        assert found, "the server has closed the connection"
        return found


def exchange_all(clients: Sequence[Client], requests: Sequence[bytes]) -> list[bytes]:
    """Send requests over all connections at once, one in flight on each; return the responses in order."""
    width = len(clients)
    answers = []
    for number, request in enumerate(requests):
        client = clients[number % width]
        if number >= width:
            answers.append(client.receive())
        client.send(request)
    left = range(len(answers), len(requests))
    return [*answers, *(clients[number % width].receive() for number in left)]
