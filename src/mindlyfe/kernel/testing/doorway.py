"""Routes behind a real door, in memory: for tests of the edge and of a context's HTTP face."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx
from litestar import Router

from mindlyfe.kernel.access import SigningKeys, TokenVerifier
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.audit import AuditRow
from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.config import TelemetrySettings
from mindlyfe.kernel.edge import application
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.telemetry import AccessLog
from mindlyfe.kernel.testing.stand_ins import NothingRevoked
from mindlyfe.kernel.testing.tokens import Signer

COOKIE = "mindlyfe_test_access"
ORIGIN = "http://localhost:8080"


class Doorway:
    """An application of some routers; an async context manager that is asked through `client`.

    `audited` holds the rows written, `log` the access log's lines.
    """

    def __init__(
        self,
        routers: Sequence[Router],
        grants: Mapping[str, frozenset[Role]],
        *,
        signer: Signer | None = None,
        keys: SigningKeys | None = None,
        revocations: Any = None,
    ) -> None:
        self.signer = signer or Signer(issuer=ORIGIN)
        self.revocations: Any = revocations or NothingRevoked()
        self.audited: list[AuditRow] = []
        self.metrics = Metrics()
        self.log = _Lines()
        door = Door(
            context="test",
            region=self.signer.region,
            grants=grants,
            tokens=TokenVerifier(keys or self.signer, issuer=self.signer.issuer, clock=system_clock),
            revocations=self.revocations,
            cookie=COOKIE.encode(),
            origin=ORIGIN.encode(),
            audit=self,
        )
        log = AccessLog(TelemetrySettings(), self.log)  # type: ignore[arg-type]
        self.app = application({"test": routers}, {"test": door}, metrics=self.metrics, log=log)
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """What the audit would write."""
        self.audited.extend(rows)

    def bearer(self, *roles: Role, **options: Any) -> dict[str, str]:
        """The headers of somebody with these roles."""
        return self.signer.bearer(*roles, **options)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.__aexit__()


class _Lines(list[bytes]):
    """A stream of lines that are kept."""

    def write(self, line: bytes) -> int:
        """Keep it."""
        self.append(line)
        return len(line)

    def flush(self) -> None:
        """Nothing waits."""
