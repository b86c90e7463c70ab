"""The OpenAPI 3.1 document of a context, from its routes and their types."""

from collections.abc import Sequence
from typing import Any

from mindlyfe.kernel.module import Module


def documents(modules: Sequence[Module]) -> dict[str, dict[str, Any]]:
    """Context name → its OpenAPI document, ready for JSON."""
    raise NotImplementedError
