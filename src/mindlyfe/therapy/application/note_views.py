"""Notes as they are answered."""

from uuid import UUID

from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.notes import (
    AddendumView,
    CosignatureView,
    DisclosureView,
    NoteView,
    RevisionEntry,
    RevisionView,
    SectionView,
    SignatureView,
    StruckView,
)
from mindlyfe.therapy.domain.note import Addended, Disclosed, Note
from mindlyfe.therapy.domain.note_template import Template
from mindlyfe.therapy.domain.note_text import Document, Revision


def note_view(
    note: UUID,
    state: Note,
    version: int,
    template: Template,
    *,
    texts: list[RevisionView],
    left: list[RevisionView],
    addenda: list[AddendumView],
) -> NoteView:
    """The whole note."""
    begun, signed, struck = state.begun, state.signed, state.struck
    return NoteView(
        id=note,
        patient=begun.patient,
        author=begun.author,
        template=begun.template,
        template_version=begun.template_version,
        template_name=template.name,
        appointment=AppointmentId(begun.appointment) if begun.appointment else None,
        stage=state.stage,
        started_at=begun.at,
        conflict=signed is None and len(texts) > 1,
        texts=texts,
        left_out=left,
        signature=SignatureView(revision=signed.revision, sha256=signed.sha256, by=signed.by, at=signed.at)
        if signed
        else None,
        cosignature=_cosignature(state),
        addenda=addenda,
        entered_in_error=StruckView(reason=struck.reason, by=struck.by, at=struck.at) if struck else None,
        version=version,
    )


def revision_view(document: Document, template: Template) -> RevisionView:
    """A text, with the titles of its template."""
    sections = [
        SectionView(section=one.section, title=template.title(one.section), text=one.text) for one in document.sections
    ]
    return RevisionView(
        revision=document.revision, base=list(document.base), by=document.author, at=document.at, sections=sections
    )


def entry(revision: Revision, *, head: bool, signed: bool) -> RevisionEntry:
    """A line of the history."""
    return RevisionEntry(
        revision=revision.revision,
        base=list(revision.base),
        by=revision.author,
        at=revision.at,
        head=head,
        signed=signed,
        pruned=revision.pruned,
    )


def addendum_view(event: Addended, document: Document | None) -> AddendumView:
    """What was added; empty, if its text is gone."""
    return AddendumView(addendum=event.addendum, text=_whole(document), by=event.by, at=event.at)


def disclosure_view(event: Disclosed, document: Document | None) -> DisclosureView:
    """What was let out, to whom and what for; empty, if its text is gone."""
    said = {one.section: one.text for one in document.sections} if document else {}
    return DisclosureView(
        disclosure=event.disclosure,
        excerpt=said.get("excerpt", ""),
        purpose=said.get("purpose", ""),
        recipient=said.get("recipient", ""),
        by=event.by,
        at=event.at,
    )


def _whole(document: Document | None) -> str:
    return "".join(one.text for one in document.sections) if document else ""


def _cosignature(state: Note) -> CosignatureView:
    given = state.cosigned or state.asked
    return CosignatureView(status=state.cosignature, by=given.by if given else None, at=given.at if given else None)
