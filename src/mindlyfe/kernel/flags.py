"""Feature flags by OpenFeature, from a table of the context, per tenant."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, LiteralString, cast
from uuid import UUID

import psycopg
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, FeatureProvider, Metadata, ProviderStatus
from psycopg.types.json import Jsonb

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import REGION, TenantId
from mindlyfe.kernel.postgres import Database, refuse_in_transaction

FRESH_S: Final = 3.0
PATIENCE_S: Final = 1.0
ALL: Final[LiteralString] = "select tenant, name, value from flag"
SET: Final[LiteralString] = """
    insert into flag (tenant, name, value) values (%s, %s, %s)
    on conflict (tenant, name) do update set value = excluded.value, at = clock_timestamp()"""
UNSET: Final[LiteralString] = "delete from flag where tenant = %s and name = %s"

type Value = bool | str


class Flags:
    """Flags of one context. The caller's default holds where there is no flag, or never was a database to ask.

    A change takes effect everywhere within 3 s. While the database is away, what was last read holds.
    """

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._table = _Table(database, monotonic)
        self._client = _Client(self._table)

    async def on(self, name: str, tenant: TenantId, *, default: bool = False) -> bool:
        """Whether the flag is on for this tenant."""
        refuse_in_transaction()
        return await self._client.get_boolean_value_async(name, default, EvaluationContext(str(tenant)))

    async def text(self, name: str, tenant: TenantId, *, default: str = "") -> str:
        """The flag's text for this tenant."""
        refuse_in_transaction()
        return await self._client.get_string_value_async(name, default, EvaluationContext(str(tenant)))

    async def set(self, name: str, value: Value, tenant: TenantId = REGION) -> None:
        """Set it for one tenant, or for all that have no value of their own. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(SET, (tenant, name, Jsonb(value)))
        self._table.forget()

    async def unset(self, name: str, tenant: TenantId = REGION) -> None:
        """Back to the value for all, or to the callers' defaults. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(UNSET, (tenant, name))
        self._table.forget()


class _Table(AbstractProvider):
    """The provider: the table as it was at most `FRESH_S` ago."""

    def __init__(self, database: Database, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._database, self._monotonic = database, monotonic
        self._values: Mapping[tuple[UUID, str], Value] = {}
        self._until = 0.0
        self._reading = asyncio.Lock()

    def get_metadata(self) -> Metadata:
        return Metadata(f"{self._database.context}.flag")

    def forget(self) -> None:
        """Read the table anew the next time."""
        self._until = 0.0

    async def resolve_boolean_details_async(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        await self._refresh()
        return self.resolve_boolean_details(flag_key, default_value, evaluation_context)

    async def resolve_string_details_async(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        await self._refresh()
        return self.resolve_string_details(flag_key, default_value, evaluation_context)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._found(flag_key, bool, default_value, evaluation_context)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._found(flag_key, str, default_value, evaluation_context)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._found(flag_key, int, default_value, evaluation_context)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._found(flag_key, float, default_value, evaluation_context)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return self._found(flag_key, dict, default_value, evaluation_context)

    def _found[V](
        self, name: str, kind: type[Any], default: V, context: EvaluationContext | None
    ) -> FlagResolutionDetails[V]:
        tenant = UUID(context.targeting_key) if context and context.targeting_key else REGION
        own = self._values.get((tenant, name))
        value = own if own is not None else self._values.get((REGION, name))
        if value is None:
            return FlagResolutionDetails(default, reason=Reason.DEFAULT)
        if type(value) is not kind:
            return FlagResolutionDetails(default, ErrorCode.TYPE_MISMATCH, f"{name} is a {type(value).__name__}")
        return FlagResolutionDetails(cast("V", value), reason=Reason.STATIC if own is None else Reason.TARGETING_MATCH)

    async def _refresh(self) -> None:
        if self._monotonic() < self._until or (self._reading.locked() and self._values):
            return
        async with self._reading:
            if self._monotonic() >= self._until:
                await self._read()

    async def _read(self) -> None:
        self._until = self._monotonic() + FRESH_S
        try:
            async with asyncio.timeout(PATIENCE_S), self._database.worker() as tx:
                self._values = {(tenant, name): value async for tenant, name, value in await tx.execute(ALL)}
        except (Unavailable, psycopg.Error, TimeoutError):
            return


class _Client(OpenFeatureClient):
    """A client of one provider, instead of one from the library's global registry."""

    def __init__(self, provider: FeatureProvider) -> None:
        super().__init__(domain=None, version=None)
        self._provider = provider

    @property
    def provider(self) -> FeatureProvider:
        return self._provider

    def get_provider_status(self) -> ProviderStatus:
        return ProviderStatus.READY
