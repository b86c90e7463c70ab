"""Objects in S3: sealed by the client, or carried by presigned addresses."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import msgspec

from mindlyfe.kernel.config import ObjectSettings
from mindlyfe.kernel.secrecy import DataKey


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says of an object. `path` is relative to the prefix of `Objects`."""

    path: str
    bytes: int
    at: datetime


class Objects:
    """The objects below `prefix` in one bucket. Lazy: no I/O before the first use."""

    def __init__(self, settings: ObjectSettings, prefix: str = "") -> None:
        self._settings, self._prefix = settings, prefix

    async def put(self, path: str, plain: bytes, *, key: DataKey) -> None:
        """Store `plain` sealed under `key`; its path is part of the seal. Raises Unavailable."""
        raise NotImplementedError

    async def get(self, path: str, *, key: DataKey) -> bytes:
        """What was put. Raises NotFound, Unreadable, Unavailable."""
        raise NotImplementedError

    async def upload_address(self, path: str, *, lasts: timedelta) -> str:
        """An address that takes one PUT, without our help and not sealed by us."""
        raise NotImplementedError

    async def download_address(self, path: str, *, lasts: timedelta) -> str:
        """An address that gives the object as it is stored, for as long as it `lasts`."""
        raise NotImplementedError

    async def delete(self, path: str) -> None:
        """Remove it; nothing happens when it is not there. Raises Unavailable."""
        raise NotImplementedError

    def list(self, prefix: str = "") -> AsyncIterator[Stored]:
        """All objects whose path begins with the directory `prefix`. Raises Unavailable."""
        raise NotImplementedError

    async def make_bucket(self) -> None:
        """Create the bucket unless it is there. Raises Unavailable."""
        raise NotImplementedError
