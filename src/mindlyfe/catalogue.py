"""The contexts: name → how to build it, where its migrations are. A process imports only its own."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:  # the supervisor knows the names alone, and stays small
    from mindlyfe.kernel.module import Module, Platform


@dataclass(frozen=True, slots=True)
class Context:
    """One bounded context of the catalogue."""

    name: str

    def build(self, platform: "Platform") -> "Module":
        """Put the context together. Imports it on the first call."""
        wiring = import_module(f"mindlyfe.{self.name}.wiring")
        return cast("Callable[[Platform], Module]", wiring.build)(platform)

    @property
    def migrations(self) -> Path:
        """The directory of its numbered SQL files."""
        return Path(__file__).parent / self.name / "adapters" / "migrations"


CATALOGUE: Final = MappingProxyType({name: Context(name) for name in ("identity", "therapy", "notifications")})
"""In the order they start; `identity` first, because the others ask it for the signing keys."""
