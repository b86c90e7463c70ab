"""Warnings of a full disk and a jumping clock."""

import shutil
from pathlib import Path

import pytest

from mindlyfe.stack import warnings

GIB = 1024**3


@pytest.mark.parametrize(
    ("total", "free", "warned"), [(100, 50, False), (100, 4, True), (10, 1, True), (1000, 10, True), (1000, 40, False)]
)
def test_a_disk(monkeypatch: pytest.MonkeyPatch, total: int, free: int, warned: bool) -> None:
    usage = type(shutil.disk_usage("/"))(total * GIB, (total - free) * GIB, free * GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert (warnings.disk(Path("/")) is not None) == warned


def test_a_clock_that_was_set() -> None:
    clock = warnings.Clock()
    assert clock.check() is None
    clock.ahead_s -= 5
    assert "+5.0 s" in (clock.check() or "")
    assert clock.check() is not None, "the warning stays for a while"
    clock.said_at -= 2 * warnings.REMEMBERED_S
    assert clock.check() is None
