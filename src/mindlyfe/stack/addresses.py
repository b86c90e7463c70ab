"""Tells the gateway where each context runs, as its processes come and go."""

from collections.abc import Sequence
from pathlib import Path

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.part import Part
from mindlyfe.stack.state import PartState


class Addresses:
    """Writes a context's addresses whenever they change."""

    def __init__(self, instance: Instance, parts: Sequence[Part]) -> None:
        self._directory = addresses_directory(instance)
        self._contexts = {part.name: part.contexts for part in parts if part.contexts}
        self._written: dict[str, list[tuple[str, int]]] = {}

    def follow(self, states: Sequence[PartState]) -> None:
        """Bring the files in line with `states`: a context is where a process of it has been ready and lives."""
        there: dict[str, list[tuple[str, int]]] = {c: [] for group in self._contexts.values() for c in group}
        for state in states:
            if state.port and state.state in ("running", "unhealthy"):
                for context in self._contexts.get(state.name, ()):
                    there[context].append(("127.0.0.1", state.port))
        for context, addresses in there.items():
            if self._written.get(context) != addresses:
                _write(self._directory, context, addresses)
                self._written[context] = addresses


def addresses_directory(instance: Instance) -> Path:
    """Where Envoy watches for the files."""
    return instance.run / "eds"


def _write(directory: Path, context: str, addresses: Sequence[tuple[str, int]]) -> None:
    from mindlyfe.gateway.eds import write_eds  # noqa: PLC0415 - not before there is something to say

    write_eds(directory, context, addresses)
