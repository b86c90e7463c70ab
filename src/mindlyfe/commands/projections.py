"""`projections`: hold read models against the log, or fill them anew."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from cyclopts import App
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn

from mindlyfe.assembly import Assembly
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.kernel import rebuild as kernel
from mindlyfe.kernel.config import Settings, load
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.transport.inprocess import InProcess

projections = App(name="projections")


@projections.command
def verify(*, data_dir: DataDir = DEFAULT) -> int:
    """Compare each read model with a rebuild from the log. Nothing is changed. Exit code 0: all are equal."""
    console, found = Console(), list[kernel.Difference]()

    async def compare(one: kernel.Rebuild, tell: Callable[[kernel.Progress], None]) -> None:
        found.extend(await one.compare(tell))

    checked = asyncio.run(_each(_settings(data_dir), console, compare))
    for difference in found:
        words = f"{difference.missing} rows missing, {difference.surplus} that the log does not make"
        console.print(f"[red]{difference.table}: {words}[/]")
    console.print(f"{checked} read models compared with their rebuild, {len(found)} tables differ.")
    return 1 if found else 0


@projections.command
def rebuild(*, data_dir: DataDir = DEFAULT) -> int:
    """Fill each read model anew from the log while the platform runs, and swap it in when it has caught up."""
    console = Console()
    done = asyncio.run(_each(_settings(data_dir), console, lambda one, tell: one.run(tell)))
    console.print(f"{done} read models rebuilt.")
    return 0


def _settings(data_dir: DataDir) -> Settings:
    instance = instance_in(data_dir)
    required(instance)
    return load(file=instance.settings)


async def _each(
    settings: Settings,
    console: Console,
    work: Callable[[kernel.Rebuild, Callable[[kernel.Progress], None]], Awaitable[None]],
) -> int:
    """Do `work` for each read model of each context, showing how far it is; returns how many there were."""
    count = 0
    async with _assembly(settings) as assembly:
        for name, module in assembly.modules.items():
            log = Log(assembly.platforms[name].database, assembly.keys, module.streams)
            for one in kernel.rebuilds(log, module.streams, module.projections):
                with Progress(TextColumn("{task.description}"), MofNCompleteColumn(), console=console) as bars:
                    await work(one, _bar(bars, f"{name}.{one.projection.name}"))
                count += 1
    return count


def _bar(bars: Progress, words: str) -> Callable[[kernel.Progress], None]:
    bar = bars.add_task(words)
    return lambda at: bars.update(bar, completed=at.done, total=at.total)


@asynccontextmanager
async def _assembly(settings: Settings) -> AsyncGenerator[Assembly]:
    assembly = Assembly.of(settings, tuple(CATALOGUE), InProcess())
    await assembly.open()
    try:
        yield assembly
    finally:
        await assembly.close()
