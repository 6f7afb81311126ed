"""A client that checks the status of each answer."""

from __future__ import annotations

from typing import Any

import httpx


async def get(client: httpx.AsyncClient, path: str, status: int = 200, **headers: str) -> Any:
    response = await client.get(path, headers=headers)
    assert response.status_code == status, response.text
    return response.json()
