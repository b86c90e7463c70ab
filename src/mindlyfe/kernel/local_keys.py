"""Keys kept by ourselves: wrapped in a database of their own, opened by a root key in a file."""

import time
from collections.abc import Callable

from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.secrecy import RootKey


class LocalKeys:
    """`Keys` in the database `mindlyfe_keys`. Lazy: no I/O before the first use."""

    def __init__(
        self, settings: Settings, *, root: RootKey | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        raise NotImplementedError
