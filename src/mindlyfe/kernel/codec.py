"""Events as bytes: JSON, sealed for the person they are about, lifted to the newest shape when read."""

from collections.abc import Callable, Mapping
from typing import Any

from mindlyfe.kernel.messages import Event

type Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""An old event as plain data → the next newer one, its `type` included."""


class Codec[E: Event]:
    """What one kind of stream writes and reads. `tags` are the types it can read, old ones included."""

    def __init__(self, context: str, events: Any, upcasts: Mapping[str, Upcast]) -> None:
        self.context = context
        self.tags: frozenset[str] = frozenset()
