"""Asks: a question to another context, by the Protocol in its contract; local object or transport behind it."""

from collections.abc import Mapping
from typing import Any

from mindlyfe.kernel.transport.port import Transport


class Asks:
    """Binds contract Protocols to whoever answers them, at the first call and not before.

    With `direct`, an answerer of this process is called as it is; otherwise everything is serialised.
    """

    def __init__(self, transport: Transport, *, region: str, direct: bool = True) -> None:
        self._transport, self._region, self._direct = transport, region, direct

    def of[P](self, protocol: type[P], *, timeout_s: float = 2.0) -> P:
        """A stand-in for whoever answers `protocol`.

        Its methods raise the refusals of errors.py and of the contract, and Unavailable when nobody answers in time.
        """
        raise NotImplementedError

    def bind(self, answers: Mapping[type[Any], object]) -> None:
        """These objects of this process answer these Protocols."""
        raise NotImplementedError

    async def serve(self) -> None:
        """Answer for all that is bound, over the transport, until cancelled."""
        raise NotImplementedError
