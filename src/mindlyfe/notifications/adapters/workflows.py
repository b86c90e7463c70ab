"""Read model: a clinic's own editions of workflows, beside those that come with MindLyfe."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString, cast

import msgspec
from psycopg.types.json import Jsonb

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.adapters.briefly import Briefly
from mindlyfe.notifications.contract.workflows import Workflow, WorkflowName, WorkflowView
from mindlyfe.notifications.domain.workflow import NATURES, SHIPPED, Change, Defined, Dropped

UNUSED: Final[LiteralString] = """
    update workflow set used = false, version = %s
    where tenant = current_setting('app.tenant')::uuid and name = %s and used"""
DEFINED: Final[LiteralString] = """
    insert into workflow (name, number, definition, used, version)
    select %(name)s, count(*) + 1, %(definition)s, true, %(version)s from workflow
    where tenant = current_setting('app.tenant')::uuid and name = %(name)s"""
USED: Final[LiteralString] = "select number, definition from workflow where name = %s and used"
ONE: Final[LiteralString] = "select definition from workflow where name = %s and number = %s"
VERSION: Final[LiteralString] = "select max(version) from workflow where name = %s"
_KEPT: Final = 4_096
"""Editions kept in memory: they never change."""


class WorkflowList:
    """Inline projection of clinics' editions, and its queries."""

    name = "workflows"
    tables: Sequence[LiteralString] = ("workflow",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database
        self._briefly: Briefly[tuple[TenantId, WorkflowName], tuple[str, Workflow]] = Briefly()
        self._kept: dict[tuple[TenantId, WorkflowName, str], Workflow] = {}

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each edition is a row; one at most is used."""
        self._briefly.forget()
        for r in recorded:
            name = r.event.name
            await tx.execute(UNUSED, (r.version, name))
            match r.event:
                case Defined(workflow=workflow):
                    definition = Jsonb(msgspec.to_builtins(workflow))
                    await tx.execute(DEFINED, {"name": name, "definition": definition, "version": r.version})
                case Dropped():
                    pass

    async def in_use(self, tenant: TenantId, name: WorkflowName) -> tuple[str, Workflow]:
        """By which one begins now, and its edition: `clinic/n`, else `shipped/n`. As it was a second ago at most."""
        return await self._briefly.of((tenant, name), lambda: self._in_use(tenant, name))

    async def _in_use(self, tenant: TenantId, name: WorkflowName) -> tuple[str, Workflow]:
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(USED, (name,))).fetchone()
        if row is None:
            return f"shipped/{len(SHIPPED[name])}", SHIPPED[name][-1]
        return f"clinic/{row[0]}", msgspec.convert(row[1], Workflow)

    async def of(self, tenant: TenantId, name: WorkflowName, edition: str) -> Workflow:
        """One edition, for what runs by it."""
        whose, _, number = edition.partition("/")
        if whose == "shipped":
            return SHIPPED[name][int(number) - 1]
        key = (tenant, name, edition)
        if key not in self._kept:
            async with self._database.app(tenant) as tx:
                row = await (await tx.execute(ONE, (name, int(number)))).fetchone()
            assert row, "an edition is never deleted"
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = msgspec.convert(row[0], Workflow)
        return self._kept[key]

    async def view(self, tenant: TenantId, name: WorkflowName) -> WorkflowView:
        """The workflow as it begins from now on, and at which version the clinic's changes stand."""
        edition, workflow = await self._in_use(tenant, name)
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(VERSION, (name,))).fetchone()
        version = cast("int", row[0] or 0) if row else 0
        return WorkflowView(
            name=name, edition=edition, critical=NATURES[name].critical, workflow=workflow, version=version
        )
