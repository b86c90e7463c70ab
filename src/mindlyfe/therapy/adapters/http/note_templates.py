"""Templates of notes: those that come with MindLyfe, and the clinic's own."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import IdTaken, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.note_templates import NoteTemplates
from mindlyfe.therapy.application.note_templates import Templating
from mindlyfe.therapy.contract.note_templates import (
    DefineTemplate,
    SectionsRepeat,
    TemplateRetired,
    TemplateSaved,
    TemplateView,
)
from mindlyfe.therapy.domain.note_template import Template

Number = Annotated[int, msgspec.Meta(ge=1, le=1_000_000, description="This version instead of the newest.")]


def routes(templating: Templating, templates: NoteTemplates) -> Router:
    """`/v1/note-templates`: forms, which hold nothing of a patient."""
    handlers = [*_looking(templates), *_defining(templating)]
    return Router("/v1/note-templates", route_handlers=handlers, tags=["Note templates"])


def _looking(templates: NoteTemplates) -> list[HTTPRouteHandler]:
    @get(needs="note-templates:read", aal=2)
    async def all_(who: Principal) -> Page[TemplateView]:
        """The newest version of every template, all in one page."""
        return Page([_view(one) for one in await templates.all_(who.tenant)])

    @get("/{template:uuid}", needs="note-templates:read", aal=2, refuses=(NotFound,))
    async def one(template: UUID, who: Principal, number: Number | None = None) -> TemplateView:
        """One template: its newest version, or an earlier one that notes were begun with."""
        found = await templates.one(who.tenant, template, number)
        if found is None:
            raise NotFound
        return _view(found)

    return [all_, one]


def _defining(templating: Templating) -> list[HTTPRouteHandler]:
    @post(needs="note-templates:define", aal=2, refuses=(SectionsRepeat,))
    async def define(data: DefineTemplate, who: Principal, act: Act) -> TemplateSaved:
        """A new template of the clinic."""
        return await templating.make(data, who, act)

    @post(
        "/{template:uuid}/versions",
        needs="note-templates:define",
        aal=2,
        refuses=(NotFound, IdTaken, SectionsRepeat, TemplateRetired, VersionConflict),
    )
    async def revise(
        template: UUID, data: DefineTemplate, who: Principal, act: Act, expected: int | None
    ) -> TemplateSaved:
        """The template's next version. Notes keep the version they were begun with."""
        return await templating.revise(template, data, who, act, expected)

    @post(
        "/{template:uuid}/retirement",
        needs="note-templates:define",
        aal=2,
        refuses=(NotFound, IdTaken, VersionConflict),
        status_code=200,
    )
    async def retire(template: UUID, who: Principal, act: Act, expected: int | None) -> TemplateSaved:
        """Begin no new note by it. Again: no change."""
        return await templating.retire(template, who, act, expected)

    return [define, revise, retire]


def _view(template: Template) -> TemplateView:
    return TemplateView(
        id=template.id,
        name=template.name,
        template_version=template.version,
        sections=list(template.sections),
        shipped=template.shipped,
        retired=template.retired,
    )
