"""Stand-ins for tests: a clock that moves when told, a cache and an audit in memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.audit import AuditRow
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.objects import Stored
from mindlyfe.kernel.secrecy import DataKey


@dataclass
class StandingClock:
    """Time that moves when told."""

    now: datetime = datetime(2026, 6, 1, 6, tzinfo=UTC)
    """A Monday morning."""

    def __call__(self) -> datetime:
        """Now, as a clock says it."""
        return self.now

    def pass_(self, **time: float) -> None:
        """So much time passes."""
        self.now += timedelta(**time)


@dataclass
class MemoryCache:
    """The cache, as it answers; `away` as it does not."""

    clock: StandingClock
    away: bool = False
    held: dict[str, tuple[bytes, datetime]] = field(default_factory=dict[str, tuple[bytes, datetime]])

    async def get(self, name: str) -> bytes | None:
        """The value, or None."""
        value, until = self.held.get(name, (None, self.clock.now))
        return value if not self.away and until > self.clock.now else None

    async def set(self, name: str, value: bytes, *, lasts: timedelta) -> None:
        """Keep it."""
        self.held[name] = (value, self.clock.now + lasts)

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        """Add, and start the time with the first."""
        if self.away:
            raise Unavailable
        value, until = await self.get(name), self.held.get(name, (b"", self.clock.now + lasts))[1]
        self.held[name] = (str(int(value or b"0") + by).encode(), until if value else self.clock.now + lasts)
        return int(self.held[name][0])

    async def delete(self, name: str) -> None:
        """Forget it."""
        if self.away:
            raise Unavailable
        self.held.pop(name, None)


@dataclass
class MemoryObjects:
    """Objects, sealed as the real ones are."""

    held: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def list(self, within: str = "") -> AsyncIterator[Stored]:
        """Those in the directory."""
        for path, content in list(self.held.items()):
            if path.startswith(f"{within}/"):
                yield Stored(path=path, bytes=len(content), at=datetime.now(UTC))

    async def put(self, path: str, plain: bytes, *, key: DataKey) -> None:
        """Keep it sealed."""
        self.held[path] = key.seal(plain, path.encode())

    async def put_plain(self, path: str, content: bytes) -> None:
        """Keep it as it is."""
        self.held[path] = content

    async def get(self, path: str, *, key: DataKey) -> bytes:
        """What was put. Raises NotFound."""
        if path not in self.held:
            raise NotFound
        return key.open(self.held[path], path.encode())

    async def delete(self, path: str) -> None:
        """Remove it."""
        self.held.pop(path, None)


@dataclass
class NotedReads:
    """What was written to the audit besides the commands."""

    rows: list[AuditRow] = field(default_factory=list[AuditRow])

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Note them."""
        self.rows += rows


class NothingRevoked:
    """Every token counts that is signed and in time."""

    async def check(self, claims: Claims) -> None:
        """It counts."""

    def watched(self, claims: Claims, over: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG002
        """It goes on counting."""
        return nullcontext()
