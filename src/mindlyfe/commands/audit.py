"""`audit`: check the audit trail."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.audit import Report
from mindlyfe.kernel.audit import verify as check
from mindlyfe.kernel.audit_heads import PURPOSE, Export, newest
from mindlyfe.kernel.audit_heads_verify import Held
from mindlyfe.kernel.audit_verify import Head
from mindlyfe.kernel.config import Settings, load
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.objects import Objects
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
    kept: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Hold the audit of the running platform against its chain. Exit code 0: nothing is wrong.

    Parameters
    ----------
    heads
        A file kept elsewhere, with the ends of the chains: compared with, then brought up to date. Without it nobody
        sees that rows were cut off the end since the last signed head.
    kept
        A file that `audit heads` made: its signed heads must fit, too.
    json
        For programs.
    """
    instance = instance_in(data_dir)
    required(instance)
    known = msgspec.json.decode(heads.read_bytes(), type=Heads) if heads and heads.exists() else {}
    export = msgspec.json.decode(kept.read_bytes(), type=Export) if kept else None
    reports = asyncio.run(_reports(load(file=instance.settings), known, export))
    sound = all(report.sound for report in reports)
    console = Console()
    if json:
        console.print_json(msgspec.json.encode(reports).decode())
    else:
        _show(console, reports)
    if heads and sound:
        replace(heads, msgspec.json.encode({report.context: report.heads for report in reports}))
    return 0 if sound else 1


@audit.command
def heads(*, out: Path, data_dir: DataDir = DEFAULT) -> int:
    """Write the newest signed heads of the audit, and the key that verifies them, to a file to be kept elsewhere.

    Parameters
    ----------
    out
        The file.
    """
    instance = instance_in(data_dir)
    required(instance)
    made = asyncio.run(_export(load(file=instance.settings)))
    replace(out, msgspec.json.encode(made))
    print(
        f"{sum(map(len, made.heads.values()))} heads are in {out}. Keep it where nobody of this platform can change it."
    )
    return 0


async def _reports(settings: Settings, known: Heads, kept: Export | None) -> list[Report]:
    found: list[Report] = []
    keys = LocalKeys(settings)
    for context in CATALOGUE:
        async with _database(settings, context) as database:
            ends = {UUID(tenant): head for tenant, head in known.get(context, {}).items()}
            report = await check(database, ends)
            held = Held(database, Objects(settings.objects, context), Attestor(keys, PURPOSE), report)
            found.append(await held.against(kept.heads.get(context, []) if kept else []))
    return found


async def _export(settings: Settings) -> Export:
    heads: dict[str, list[str]] = {}
    for context in CATALOGUE:
        async with _database(settings, context) as database:
            heads[context] = [*await newest(database)]
    key = Attestor(LocalKeys(settings), PURPOSE).public()
    return Export(key={name: str(value) for name, value in key.items()}, heads=heads)


@asynccontextmanager
async def _database(settings: Settings, context: str) -> AsyncGenerator[Database]:
    database = Database(settings.database, context)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def _show(console: Console, reports: list[Report]) -> None:
    table = Table("context", "tenants", "rows", "chained", "not yet chained", "signed heads", "outside", "faults")
    for report in reports:
        numbers = (report.tenants, report.rows, report.chained, report.tail, report.signed, report.outside)
        table.add_row(report.context, *map(str, (*numbers, len(report.faults))))
    console.print(table)
    for report in reports:
        for fault in report.faults:
            place = f"position {fault.position}" if fault.position else f"link {fault.seq}"
            console.print(f"[red]{report.context}: {place} of tenant {fault.tenant} {fault.kind}[/]")
        if report.missing:
            console.print(f"[yellow]{report.context}: {report.missing} heads are in the database alone.[/]")
    sound = all(report.sound for report in reports)
    tail = sum(report.tail for report in reports)
    console.print(f"The audit is {'sound' if sound else 'not sound'}; {tail} rows are not yet chained.")
