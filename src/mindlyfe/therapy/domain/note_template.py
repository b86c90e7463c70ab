"""Templates of notes: those of a clinic, in versions that stay, and those that come with MindLyfe."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.note_templates import SectionsRepeat, TemplateRetired, TemplateSection


class Defined(Event, frozen=True, kw_only=True, tag="note-template.defined.v1"):
    """A new version of the template; the first makes it."""

    name: str
    sections: tuple[TemplateSection, ...]
    by: PersonId
    at: Instant


class Retired(Event, frozen=True, kw_only=True, tag="note-template.retired.v1"):
    """No new note is begun by it."""

    by: PersonId
    at: Instant


type Change = Defined | Retired


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template at one version: what a note is filled in by."""

    id: UUID
    version: int
    name: str
    sections: tuple[TemplateSection, ...]
    shipped: bool = False
    retired: bool = False

    @property
    def keys(self) -> list[str]:
        """Its sections' keys, in order."""
        return [one.key for one in self.sections]

    def title(self, key: str) -> str:
        """A section's title; the key, when it has none."""
        return next((one.title for one in self.sections if one.key == key), key)


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic's template after the changes so far."""

    newest: Defined
    version: int
    retired: bool = False


def evolve(state: History | None, change: Change) -> History:
    """The template after a change."""
    match change:
        case Defined():
            return History(newest=change, version=state.version + 1 if state else 1)
        case Retired():
            assert state
            return msgspec.structs.replace(state, retired=True)


def define(
    state: History | None, *, name: str, sections: Sequence[TemplateSection], by: PersonId, at: datetime
) -> Sequence[Change]:
    """Make it, or its next version; the same again, nothing happens. Raises SectionsRepeat, TemplateRetired."""
    if len({one.key for one in sections}) < len(sections):
        raise SectionsRepeat
    if state and state.retired:
        raise TemplateRetired
    if state and (state.newest.name, state.newest.sections) == (name, tuple(sections)):
        return []
    return [Defined(name=name, sections=tuple(sections), by=by, at=at)]


def retire(state: History | None, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """Begin no new note by it; twice is once. Raises NotFound."""
    if state is None:
        raise NotFound
    return [] if state.retired else [Retired(by=by, at=at)]


def _shipped(key: str, name: str, *sections: tuple[str, str, str]) -> Template:
    parts = tuple(TemplateSection(key=key, title=title, prompt=prompt) for key, title, prompt in sections)
    return Template(id=derived("note-template", key), version=1, name=name, sections=parts, shipped=True)


SHIPPED: Final[Sequence[Template]] = (
    _shipped(
        "soap",
        "SOAP",
        ("subjective", "Subjective", "What the patient says: mood, complaints, events, in their own words."),
        ("objective", "Objective", "What you observe: presentation, mental status, results of measures."),
        ("assessment", "Assessment", "How you understand it: progress on goals, risk, change since last time."),
        ("plan", "Plan", "What comes next: interventions, tasks between sessions, next appointment."),
    ),
    _shipped(
        "dap",
        "DAP",
        ("data", "Data", "What was said and observed in the session."),
        ("assessment", "Assessment", "How you understand it: progress on goals, risk, change since last time."),
        ("plan", "Plan", "What comes next: interventions, tasks between sessions, next appointment."),
    ),
    _shipped(
        "birp",
        "BIRP",
        ("behavior", "Behavior", "How the patient presents: what they say and do, and what you observe."),
        ("intervention", "Intervention", "What you did, and why: techniques, psychoeducation, measures."),
        ("response", "Response", "How the patient responded to it, and what changed."),
        ("plan", "Plan", "What comes next: interventions, tasks between sessions, next appointment."),
    ),
)
"""A change to one of them is a new version beside the old, which notes still name."""
