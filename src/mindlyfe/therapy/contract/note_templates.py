"""Templates of notes: sections to fill in, in versions that never change."""

from typing import Annotated
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command
from mindlyfe.therapy.contract.notes import SectionKey

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"\S", examples=["Couples session"])]


class TemplateSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section: `key` names it in every note, `prompt` says what belongs there."""

    key: SectionKey
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"\S", examples=["Subjective"])]
    prompt: Annotated[str, msgspec.Meta(max_length=500)] = ""


class DefineTemplate(Command, frozen=True):
    """A template, or the next version of one. Notes that were begun keep the version they were begun with."""

    name: Name
    sections: Annotated[list[TemplateSection], msgspec.Meta(min_length=1, max_length=20)]


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    """A template at one version. `shipped`: it came with MindLyfe, and no clinic changes it."""

    id: UUID
    name: str
    template_version: int
    sections: list[TemplateSection]
    shipped: bool
    retired: bool
    """No new note is begun by it."""


class TemplateSaved(msgspec.Struct, frozen=True):
    """The template stands at this version."""

    template: UUID
    version: int


class UnknownTemplate(DomainError):
    """There is no such template, no such version of it, or it is retired."""

    status = 422
    code = "unknown-template"
    advice = "Choose one of the list of templates."


class UnknownSection(DomainError):
    """The template has no such section, or the text names one twice."""

    status = 422
    code = "unknown-section"
    advice = "Send each section of the note's template once at most."


class SectionsRepeat(DomainError):
    """Two sections of the template have one key."""

    status = 422
    code = "sections-repeat"
    advice = "Give each section a key of its own."


class TemplateRetired(DomainError):
    """The template is retired."""

    code = "template-retired"
    advice = "Define a new one."
