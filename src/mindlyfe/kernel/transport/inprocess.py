"""Messages between contexts that share a process; `twice` makes it as rough as a network."""

from collections.abc import Sequence

from mindlyfe.kernel.transport.port import Answer, Deliver, Envelope, Held


class InProcess:
    """Keeps what was published in memory; a consumer that comes later hears it from the start.

    With `twice` every message is serialised and delivered twice, streams shuffled among each other.
    """

    def __init__(self, *, twice: bool = False, seed: int = 0) -> None:
        self._twice, self._seed = twice, seed

    async def open(self, context: str) -> Held:
        raise NotImplementedError

    async def publish(self, batch: Sequence[Envelope]) -> None:
        raise NotImplementedError

    async def consume(self, consumer: str, subjects: Sequence[str], deliver: Deliver) -> None:
        raise NotImplementedError

    async def ask(self, subject: str, request: bytes, *, timeout_s: float) -> bytes:
        raise NotImplementedError

    async def answer(self, subject: str, answer: Answer) -> None:
        raise NotImplementedError
