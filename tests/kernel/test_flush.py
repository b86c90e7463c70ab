"""Commands on their way: none is left waiting, however others come and go."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import uuid4

from mindlyfe.kernel.batch import Command
from mindlyfe.kernel.flush import Flushes
from mindlyfe.kernel.messages import Cursor, Decided
from mindlyfe.kernel.testing.principals import act


class Instant(Flushes[Any, Any]):
    """Saves at once: what remains is the coming and going of flushers."""

    async def _settle(self, commands: Sequence[Command[Any, Any]]) -> None:
        await asyncio.sleep(0)
        for command in commands:
            command.answer.set_result(Decided(command.stream, 1, Cursor()))


class Nothing:
    """An aggregate that is never asked."""

    inline = ()
    snapshots = None


async def test_a_command_that_comes_while_the_last_flusher_ends_is_taken() -> None:
    random, tenants = Random(11), [uuid4(), uuid4()]
    unused: Any = None
    aggregate: Any = Nothing()
    flushes = Instant(unused, unused, aggregate)

    async def caller(after: int) -> None:
        for _ in range(after):
            await asyncio.sleep(0)
        answer: asyncio.Future[Decided] = asyncio.get_running_loop().create_future()
        await flushes.run(Command(act(random.choice(tenants)), uuid4(), lambda _: [], None, answer))

    for _ in range(1000):
        async with asyncio.timeout(10):
            await asyncio.gather(*[caller(random.randint(0, 3)) for _ in range(random.randint(1, 4))])
