"""`audit`: check the audit trail."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.kernel.audit import Report
from mindlyfe.kernel.audit import verify as check
from mindlyfe.kernel.audit_verify import Head
from mindlyfe.kernel.config import Settings, load
from mindlyfe.kernel.postgres import Database
from mindlyfe.stack.instance import replace

audit = App(name="audit")

type Heads = dict[str, dict[str, Head]]
"""Context → tenant → its last link."""


@audit.command
def verify(
    *,
    data_dir: DataDir = DEFAULT,
    heads: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Hold the audit of the running platform against its chain. Exit code 0: nothing is wrong.

    Parameters
    ----------
    heads
        A file kept elsewhere, with the ends of the chains: compared with, then brought up to date. Without it nobody
        sees that rows were cut off the end.
    json
        For programs.
    """
    instance = instance_in(data_dir)
    required(instance)
    known = msgspec.json.decode(heads.read_bytes(), type=Heads) if heads and heads.exists() else {}
    reports = asyncio.run(_reports(load(file=instance.settings), known))
    sound = all(report.sound for report in reports)
    console = Console()
    if json:
        console.print_json(msgspec.json.encode(reports).decode())
    else:
        _show(console, reports)
    if heads and sound:
        replace(heads, msgspec.json.encode({report.context: report.heads for report in reports}))
    return 0 if sound else 1


async def _reports(settings: Settings, known: Heads) -> list[Report]:
    found: list[Report] = []
    for context in CATALOGUE:
        database = Database(settings.database, context)
        await database.open()
        try:
            ends = {UUID(tenant): head for tenant, head in known.get(context, {}).items()}
            found.append(await check(database, ends))
        finally:
            await database.close()
    return found


def _show(console: Console, reports: list[Report]) -> None:
    table = Table("context", "tenants", "rows", "chained", "not yet chained", "faults")
    for report in reports:
        numbers = (report.tenants, report.rows, report.chained, report.tail, len(report.faults))
        table.add_row(report.context, *map(str, numbers))
    console.print(table)
    for report in reports:
        for fault in report.faults:
            console.print(f"[red]{report.context}: position {fault.position} of tenant {fault.tenant} {fault.kind}[/]")
    sound = all(report.sound for report in reports)
    tail = sum(report.tail for report in reports)
    console.print(f"The audit is {'sound' if sound else 'not sound'}; {tail} rows are not yet chained.")
