"""`dead-letters`: the messages between contexts that could not be handled, and another try for them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from cyclopts import App
from rich.console import Console
from rich.table import Table

from mindlyfe.commands.common import DEFAULT, DataDir, instance_in, required
from mindlyfe.kernel.config import load
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.transport.nats import Nats

dead_letters = App(name="dead-letters")


@dead_letters.command(name="list")
def show(*, data_dir: DataDir = DEFAULT) -> int:
    """Show the dead letters: who could not handle what, and why. Never content. Exit code 0: there are none."""
    table = Table("number", "buried at", "consumer", "message", "reason")

    async def fill() -> None:
        async with _transport(data_dir) as transport:
            async for letter in transport.dead_letters.all():
                at = f"{letter.buried_at:%Y-%m-%d %H:%M:%S} UTC"
                table.add_row(str(letter.number), at, letter.consumer, letter.subject, letter.code)

    asyncio.run(fill())
    console = Console()
    if not table.row_count:
        console.print("There are no dead letters.")
        return 0
    console.print(table)
    console.print("Mend the reason, then `./mindlyfe dead-letters redrive NUMBER`.")
    return 1


@dead_letters.command
def redrive(number: int, *, data_dir: DataDir = DEFAULT) -> int:
    """Send one to its consumer again.

    Parameters
    ----------
    number
        From `dead-letters list`.
    """

    async def send() -> None:
        async with _transport(data_dir) as transport:
            await transport.dead_letters.redrive(number)

    console = Console()
    try:
        asyncio.run(send())
    except NotFound:
        console.print(f"There is no dead letter {number}. `./mindlyfe dead-letters list` shows those there are.")
        return 1
    console.print(f"Dead letter {number} is on its way again.")
    return 0


@asynccontextmanager
async def _transport(data_dir: DataDir) -> AsyncGenerator[Nats]:
    instance = instance_in(data_dir)
    required(instance)
    settings = load(file=instance.settings)
    async with Nats(settings.nats, region=settings.region, name="mindlyfe dead-letters") as transport:
        yield transport
