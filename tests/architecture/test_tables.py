"""Every table of every context keeps its tenants apart, and holds back its owner, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.testing.databases import dropped, prepared, unprotected
from mindlyfe.stack.postgresql import Postgresql


@pytest.fixture(scope="module")
def everything(postgresql: Postgresql, directory: Path) -> Iterator[DatabaseSettings]:
    """All contexts, migrated."""
    contexts = {name: entry.migrations for name, entry in CATALOGUE.items()}
    settings = prepared(postgresql.address(), contexts, directory / "passwords", name="everything")
    yield settings
    dropped(postgresql.address(), settings)


@pytest.mark.parametrize("context", sorted(CATALOGUE))
def test_every_table_is_protected(everything: DatabaseSettings, context: str) -> None:
    assert unprotected(everything, context) == []
