"""The process composition root: a platform and the chosen contexts, served."""

from collections.abc import Sequence

from mindlyfe.kernel.config import Settings


def serve(
    settings: Settings, contexts: Sequence[str], port: int, *, host: str = "127.0.0.1", relay: bool = True
) -> None:
    """Serve `contexts` on `host:port` until SIGTERM or SIGINT, draining for at most 5 s. Blocks."""
    raise NotImplementedError


def relay(settings: Settings, contexts: Sequence[str]) -> None:
    """Only publish the events of `contexts`, until SIGTERM or SIGINT. Blocks."""
    raise NotImplementedError
