"""Feature flags by OpenFeature, from a table of the context, per tenant."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple, cast
from uuid import UUID

import psycopg
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, FeatureProvider, Metadata, ProviderStatus
from psycopg.types.json import Jsonb

from mindlyfe.kernel.audit import noted, row_of
from mindlyfe.kernel.declared import Flag, Value
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import REGION, Act, TenantId
from mindlyfe.kernel.postgres import TENANT, Database, refuse_in_transaction

FRESH_S: Final = 3.0
PATIENCE_S: Final = 1.0
ALL: Final[LiteralString] = "select tenant, name, value from flag"
KNOWN: Final[LiteralString] = "select tenant, name, value from flag where tenant = any (%s)"
SET: Final[LiteralString] = """
    insert into flag (tenant, name, value) values (%s, %s, %s)
    on conflict (tenant, name) do update set value = excluded.value, at = clock_timestamp()
    where flag.value <> excluded.value returning true"""
UNSET: Final[LiteralString] = "delete from flag where tenant = %s and name = %s returning true"


class Kept(NamedTuple):
    """What was set of one flag: by a clinic for itself, and for all that have no value of their own."""

    own: Value | None = None
    for_all: Value | None = None


class Flags:
    """Flags of one context. The declared default holds where nobody set one, or never was a database to ask.

    A change takes effect everywhere within 3 s. While the database is away, what was last read holds.
    """

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._table = _Table(database, monotonic)
        self._client = _Client(self._table)

    async def on(self, flag: Flag[bool], tenant: TenantId) -> bool:
        """Whether the flag is on for this tenant."""
        refuse_in_transaction()
        return await self._client.get_boolean_value_async(flag.name, flag.default, EvaluationContext(str(tenant)))

    async def text(self, flag: Flag[str], tenant: TenantId) -> str:
        """The flag's text for this tenant."""
        refuse_in_transaction()
        return await self._client.get_string_value_async(flag.name, flag.default, EvaluationContext(str(tenant)))

    async def kept(self, tenant: TenantId) -> Mapping[str, Kept]:
        """What is set by this tenant and for all, by the flag's name, as it stands now. Raises Unavailable."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(KNOWN, ([tenant, REGION],))).fetchall()
        found: dict[str, Kept] = {}
        for whose, name, value in rows:
            before = found.get(name, Kept())
            found[name] = before._replace(for_all=value) if whose == REGION else before._replace(own=value)
        return found

    async def set[V: (bool, str)](self, flag: Flag[V], value: V, act: Act) -> None:
        """Set it for the tenant of `act`; the region: for all that have no value of their own. Raises Unavailable."""
        # Texts stay out of the audit, which is kept for longer than anybody wants to answer for what was written there.
        told = value if isinstance(value, bool) else "a text"
        await self._change(flag, "flags.set", act, {"value": told}, SET, (act.tenant, flag.name, Jsonb(value)))

    async def unset(self, flag: Flag[Any], act: Act) -> None:
        """Back to the value for all, or to the default. Raises Unavailable."""
        await self._change(flag, "flags.unset", act, {}, UNSET, (act.tenant, flag.name))

    async def _change(  # noqa: PLR0917 - a statement and what is said of it
        self, flag: Flag[Any], action: str, act: Act, detail: dict[str, Any], query: LiteralString, row: tuple[Any, ...]
    ) -> None:
        """The change and its line in the audit, both or neither; what changes nothing leaves no line."""
        async with self._database.worker() as tx:
            await tx.execute(TENANT, (str(act.tenant),))
            if await (await tx.execute(query, row)).fetchone():
                thing = f"{self._database.context}/{flag.name}"
                await noted(tx, row_of(act, action, object=thing, detail=detail))
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
        value = own if type(own) is kind else self._values.get((REGION, name))
        if value is None:
            return FlagResolutionDetails(default, reason=Reason.DEFAULT)
        if type(value) is not kind:
            return FlagResolutionDetails(default, ErrorCode.TYPE_MISMATCH, f"{name} is a {type(value).__name__}")
        return FlagResolutionDetails(cast("V", value), reason=Reason.STATIC if own != value else Reason.TARGETING_MATCH)

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
