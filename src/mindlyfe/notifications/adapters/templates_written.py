"""Read model: the words that clinics put in place of the shipped ones."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.adapters.briefly import Briefly
from mindlyfe.notifications.domain.template import Change, Place, Words, Written

UNUSED: Final[LiteralString] = """
    update template set used = false, version = %(version)s
    where tenant = current_setting('app.tenant')::uuid and kind = %(kind)s and channel = %(channel)s
      and language = %(language)s
      and used"""
WRITTEN: Final[LiteralString] = """
    insert into template (kind, channel, language, number, subject, body, used, version)
    select %(kind)s, %(channel)s, %(language)s, count(*) + 1, %(subject)s, %(body)s, true, %(version)s from template
    where tenant = current_setting('app.tenant')::uuid and kind = %(kind)s and channel = %(channel)s
      and language = %(language)s"""
USED: Final[LiteralString] = """
    select number, subject, body from template
    where kind = %s and channel = %s and language = any(%s) and used
    order by array_position(%s, language) limit 1"""


class TemplateList:
    """Inline projection of clinics' words, and its query."""

    name = "templates"
    tables: Sequence[LiteralString] = ("template",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database
        self._briefly: Briefly[tuple[TenantId, Place, tuple[str, ...]], tuple[int, Words] | None] = Briefly()

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each version is a row; one at most is used."""
        self._briefly.forget()
        for r in recorded:
            event = r.event
            place = {"kind": event.message, "channel": event.channel, "language": event.language, "version": r.version}
            await tx.execute(UNUSED, place)
            if isinstance(event, Written):
                await tx.execute(WRITTEN, place | {"subject": event.words.subject, "body": event.words.body})

    async def used(self, tenant: TenantId, place: Place, *others: str) -> tuple[int, Words] | None:
        """The clinic's words and their number, in the place's language or else in one of the `others`. As they were a
        second ago at most."""
        return await self._briefly.of((tenant, place, others), lambda: self.standing(tenant, place, *others))

    async def standing(self, tenant: TenantId, place: Place, *others: str) -> tuple[int, Words] | None:
        """The same as it stands now."""
        languages = [place.language, *others]
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(USED, (place.message, place.channel, languages, languages))).fetchone()
        return (row[0], Words(row[1], row[2])) if row else None
