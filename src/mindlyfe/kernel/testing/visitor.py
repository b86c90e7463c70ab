"""Somebody at the HTTP door of a service under test."""

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Visitor:
    """A client with headers of its own; `if_match="…"` becomes the header If-Match."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict[str, str], kw_only=True)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """GET with query parameters."""
        return await self.http.get(path, params=query, headers=self.headers)

    async def post(self, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """POST."""
        return await self._send("POST", path, json, headers)

    async def put(self, path: str, json: Any, **headers: str) -> httpx.Response:
        """PUT."""
        return await self._send("PUT", path, json, headers)

    async def delete(self, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """DELETE."""
        return await self._send("DELETE", path, json, headers)

    async def _send(self, method: str, path: str, json: Any, headers: dict[str, str]) -> httpx.Response:
        dashed = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, json=json, headers=self.headers | dashed)
