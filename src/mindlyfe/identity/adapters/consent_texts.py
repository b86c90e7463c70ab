"""Read model: the texts that people agree to, every version."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.consents import ConsentText, Purpose
from mindlyfe.identity.domain.wording import Change
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

ADD: Final[LiteralString] = """
    insert into consent_text (id, purpose, language, number, hash, wording, published_at)
    values (%s, %s, %s, %s, %s, %s, %s)"""
ONE: Final[LiteralString] = """
    select id, purpose, language, number as version, hash, wording as text, published_at from consent_text
    where tenant = %s and id = %s"""
NEWEST: Final[LiteralString] = """
    select id, purpose, language, number as version, hash, wording as text, published_at from consent_text
    where tenant = %s and purpose = %s and language = %s order by number desc limit 1"""
SHOWN: Final[LiteralString] = """
    select distinct on (purpose, language)
           id, purpose, language, number as version, hash, wording as text, published_at
    from consent_text where tenant = %s order by purpose, language, number desc"""


class ConsentTexts:
    """Texts of one organisation. Nothing here is about a person."""

    name = "consent_text"
    tables: Sequence[LiteralString] = ("consent_text",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Add what was published."""
        for r in recorded:
            e = r.event
            await tx.execute(ADD, (e.text, e.purpose, e.language, e.number, e.hash, e.wording, e.at))

    async def text(self, tenant: TenantId, text: UUID) -> ConsentText | None:
        """One version."""
        return await self._one(tenant, ONE, (tenant, text))

    async def newest(self, tenant: TenantId, purpose: Purpose, language: str) -> ConsentText | None:
        """What is shown now."""
        return await self._one(tenant, NEWEST, (tenant, purpose, language))

    async def shown(self, tenant: TenantId) -> list[ConsentText]:
        """The newest version per purpose and language."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(ConsentText)) as rows:
            return await (await rows.execute(SHOWN, (tenant,))).fetchall()

    async def _one(self, tenant: TenantId, query: LiteralString, values: tuple[object, ...]) -> ConsentText | None:
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(ConsentText)) as rows:
            return await (await rows.execute(query, values)).fetchone()
