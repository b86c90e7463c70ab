"""Read model: the clinic's templates of notes, beside those that come with MindLyfe."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.note_templates import TemplateSection
from mindlyfe.therapy.domain.note_template import SHIPPED, Change, Defined, Retired, Template

# The first is number 1; nothing is defined after retiring, so the numbers are the stream's versions.
DEFINED: Final[LiteralString] = """
    insert into note_template (id, number, name, sections, version) values (%s, %s, %s, %s::jsonb, %s)"""
RETIRED: Final[LiteralString] = """
    update note_template set retired = true, version = %s
    where tenant = current_setting('app.tenant')::uuid and id = %s"""
SELECT: Final[LiteralString] = "select id, number, name, sections, retired from note_template "
NEWEST: Final[LiteralString] = (
    "select distinct on (id) id, number, name, sections, retired from note_template order by id, number desc"
)
ONE: Final[LiteralString] = SELECT + "where id = %s and (number = %s or %s::int is null) order by number desc limit 1"


class NoteTemplates:
    """All that notes can be begun by in a clinic."""

    name = "note-templates"
    tables: Sequence[LiteralString] = ("note_template",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each version is a row."""
        for each in recorded:
            match each.event:
                case Defined(name=name, sections=sections):
                    written = msgspec.json.encode(sections).decode()
                    await tx.execute(DEFINED, (each.stream, each.version, name, written, each.version))
                case Retired():
                    await tx.execute(RETIRED, (each.version, each.stream))

    async def all_(self, tenant: TenantId) -> list[Template]:
        """The newest version of each, those that come with MindLyfe first, then by name."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(NEWEST)).fetchall()
        return [*SHIPPED, *sorted(map(_template, rows), key=lambda one: (one.name, one.id))]

    async def one(self, tenant: TenantId, template: UUID, version: int | None = None) -> Template | None:
        """A template at a version, or its newest."""
        for shipped in SHIPPED:
            if shipped.id == template and version in (None, shipped.version):
                return shipped
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(ONE, (template, version, version))).fetchone()
        return _template(row) if row else None


def _template(row: Sequence[Any]) -> Template:
    id_, number, name, sections, retired = row
    parts = msgspec.convert(sections, tuple[TemplateSection, ...])
    return Template(id=id_, version=number, name=name, sections=parts, retired=retired)
