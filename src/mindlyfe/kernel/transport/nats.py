"""Messages between contexts by NATS JetStream."""

from collections.abc import Sequence
from typing import Self

from mindlyfe.kernel.config import NatsSettings
from mindlyfe.kernel.transport.port import Answer, Deliver, Envelope, Held


class Nats:
    """One connection of one process. An async context manager: entering waits until the server answers."""

    def __init__(self, settings: NatsSettings, *, region: str, name: str = "mindlyfe") -> None:
        self._settings, self._region, self._name = settings, region, name

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(self, *_: object) -> None:
        raise NotImplementedError

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
