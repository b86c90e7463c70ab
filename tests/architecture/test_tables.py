"""Every table of every context keeps its tenants apart, and holds back its owner, too."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mindlyfe.assembly import modules
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import DatabaseSettings, Settings
from mindlyfe.kernel.personal import ERASED, KERNEL
from mindlyfe.kernel.postgres import address
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


KERNELS = {*KERNEL, *ERASED, "inbox", "cursor", "audit_chain", "flag"}
"""Of every context: those with a person's rows are erased or explained in the kernel, the others name nobody."""
NOBODY = {
    "tenant",
    "id",
    "stream",
    "message",
    "appointment",
    "delivery",
    "organisation",
    "team",
    "feed",
    "series",
    "room",
    "appointment_type",
    "group_session",
}
"""Columns of ids that are no person's. Every other column of ids makes its table name people."""


@pytest.mark.parametrize("context", sorted(CATALOGUE))
def test_every_table_that_names_a_person_is_erased_or_says_why_not(everything: DatabaseSettings, context: str) -> None:
    [module] = modules(Settings(), [context])
    with psycopg.connect(address(everything, f"{context}_owner")) as owner:
        columns = owner.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = %s and udt_name in ('uuid', '_uuid')",
            (context,),
        ).fetchall()
    naming = {table for table, column in columns if column not in NOBODY} - KERNELS
    handled = {*module.personal.erases, *module.personal.keeps}
    assert naming <= handled, f"add to the `Personal` of {context}, under `erases` or `keeps`: {naming - handled}"
    assert handled <= {table for table, _ in columns}, "there is no such table"
    assert all(len(why) > 20 for why in module.personal.keeps.values())


@pytest.mark.parametrize("context", sorted(set(CATALOGUE) - {"identity"}))
def test_every_table_of_a_person_says_what_becomes_of_it_when_accounts_are_merged(context: str) -> None:
    """What stays under an old id is lost to who reads the record. Identity itself leads from old ids to new ones."""
    [module] = modules(Settings(), [context])
    personal = module.personal
    assert set(personal.erases) == {*personal.moves, *personal.stays}, f"add to the `Personal` of {context}"
    assert all(len(why) > 20 for why in personal.stays.values())
