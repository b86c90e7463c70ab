"""Objects in S3: sealed by the client, or carried by presigned addresses."""

import re
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import httpx
import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from mindlyfe.kernel.config import ObjectSettings
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.kernel.secrecy import DataKey

PATH: Final = re.compile(r"(?!\.+(/|$))[\w.~-]{1,255}(/(?!\.+(/|$))[\w.~-]{1,255})*", re.ASCII)
"""Names without traps: no empty part, no dots alone, nothing that needs escaping."""
CONNECT_S: Final = timedelta(seconds=2)
ANSWER_S: Final = timedelta(seconds=60)
RETRY_S: Final = timedelta(seconds=5)
ADDRESS_S: Final = timedelta(minutes=1)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the store says of an object. `path` is relative to the context's part of the bucket."""

    path: str
    bytes: int
    at: datetime


class Objects:
    """The objects of one context, or of all without one, in one bucket. Lazy: no I/O before the first use.

    A path is made of letters, digits and `._~-`, with `/` between its parts. Sealed objects are held in memory whole:
    up to about 64 MiB each.
    """

    def __init__(self, settings: ObjectSettings, context: str = "") -> None:
        self._settings = settings
        self._prefix = f"{context}/" if context else ""

    async def put(self, path: str, plain: bytes, *, key: DataKey) -> None:
        """Store `plain` sealed under `key`; its path is part of the seal. Raises Unavailable."""
        with self._errors(path):
            await obstore.put_async(self.store, self._full(path), key.seal(plain, self._place(path)))

    async def get(self, path: str, *, key: DataKey) -> bytes:
        """What was put. Raises NotFound, Unreadable, Unavailable."""
        with self._errors(path):
            found = await obstore.get_async(self.store, self._full(path))
            sealed = bytes(await found.bytes_async())
        return key.open(sealed, self._place(path))

    async def put_plain(self, path: str, content: bytes) -> None:
        """Store what everybody may read as it is. Raises Unavailable."""
        with self._errors(path):
            await obstore.put_async(self.store, self._full(path), content)

    async def get_plain(self, path: str) -> bytes:
        """What was put in plain. Raises NotFound, Unavailable."""
        with self._errors(path):
            found = await obstore.get_async(self.store, self._full(path))
            return bytes(await found.bytes_async())

    async def upload_address(self, path: str, *, lasts: timedelta) -> str:
        """An address that takes a PUT for as long as it `lasts`. What it takes is not sealed."""
        return await obstore.sign_async(self.store, "PUT", self._full(path), lasts)

    async def download_address(self, path: str, *, lasts: timedelta) -> str:
        """An address that gives the object as it is stored, for as long as it `lasts`."""
        return await obstore.sign_async(self.store, "GET", self._full(path), lasts)

    async def delete(self, path: str) -> None:
        """Remove it; nothing happens when it is not there. Raises Unavailable."""
        with self._errors(path):
            try:
                await obstore.delete_async(self.store, self._full(path))
            except FileNotFoundError:
                return

    async def list(self, within: str = "") -> AsyncIterator[Stored]:
        """All objects in the directory `within`, and in those below it. Raises Unavailable."""
        with self._errors(within):
            start = self._full(within) if within else self._prefix.rstrip("/")
            async for chunk in obstore.list(self.store, start or None):
                for found in chunk:
                    path = found["path"].removeprefix(self._prefix)
                    yield Stored(path=path, bytes=found["size"], at=found["last_modified"])

    async def make_bucket(self) -> None:
        """Create the bucket unless it is there. Raises Unavailable."""
        async with httpx.AsyncClient(timeout=CONNECT_S.total_seconds()) as client:
            try:
                answer = await client.head(await obstore.sign_async(self.store, "HEAD", "", ADDRESS_S))
                if answer.status_code != 200:
                    answer = await client.put(await obstore.sign_async(self.store, "PUT", "", ADDRESS_S))
                if answer.status_code in (200, 409):  # 409: another process was quicker
                    return
            except httpx.TransportError as silent:
                raise Unavailable("The object store does not answer.") from silent
        raise Unavailable(f"The object store refuses the bucket {self._settings.bucket}: {answer.status_code}.")

    async def ready(self) -> bool:
        """Whether the store answers and has the bucket."""
        try:
            await obstore.list(self.store, "ready", chunk_size=1).collect_async()
        except BaseError:
            return False
        return True

    @cached_property
    def store(self) -> S3Store:
        """The bucket as `obstore` sees it. For the kernel only."""
        s = self._settings
        return S3Store(
            s.bucket,
            endpoint=s.endpoint,
            region=s.region,
            access_key_id=s.access_key,
            secret_access_key=s.secret_key_file.read_text().strip(),
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": s.endpoint.startswith("http://"),
                "connect_timeout": CONNECT_S,
                "timeout": ANSWER_S,
            },
            retry_config={"max_retries": 3, "retry_timeout": RETRY_S},
        )

    def _full(self, path: str) -> str:
        if not PATH.fullmatch(path):
            raise ValueError(f"not a path for an object: {path!r}")
        return self._prefix + path

    def _place(self, path: str) -> bytes:
        return b"object " + self._full(path).encode()

    @contextmanager
    def _errors(self, path: str) -> Generator[None]:
        refuse_in_transaction()
        try:
            yield
        except FileNotFoundError as missing:
            raise NotFound(f"There is no object {path}.") from missing
        except BaseError as silent:
            raise Unavailable("The object store does not answer.") from silent
