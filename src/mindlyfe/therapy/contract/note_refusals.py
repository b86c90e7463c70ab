"""What clinicians are refused when they write notes."""

from mindlyfe.kernel.errors import DomainError


class NoteBegun(DomainError):
    """A note with this id was begun otherwise."""

    code = "note-begun"
    advice = "Make a new id for a new note."


class NoteSigned(DomainError):
    """The note is signed and locked."""

    code = "note-signed"
    advice = "Write an addendum. What you tried to save is kept among its revisions if it was sent before."


class NoteNotSigned(DomainError):
    """The note is not signed yet."""

    code = "note-not-signed"
    advice = "Sign it first."


class NoteStruck(DomainError):
    """The note was entered in error and is struck through."""

    code = "note-entered-in-error"
    advice = "Write a new note."


class NoteInConflict(DomainError):
    """Two devices wrote different texts, and nobody has joined them."""

    code = "note-in-conflict"
    advice = "Save one text on top of all heads, then sign that."


class RevisionOutdated(DomainError):
    """This revision is not the newest text of the note."""

    code = "revision-outdated"
    advice = "Read the note again, and sign its newest revision."


class RevisionTaken(DomainError):
    """This id belongs to another text."""

    code = "revision-taken"
    advice = "Make a new id for a new text."


class UnknownRevision(DomainError):
    """The note has no such revision."""

    status = 422
    code = "unknown-revision"
    advice = "Name revisions of this note, as its history lists them."


class NothingWritten(DomainError):
    """There is no text to sign."""

    status = 422
    code = "nothing-written"
    advice = "Write something first, or mark the note as entered in error."


class NoSuchAppointment(DomainError):
    """The patient has no such appointment."""

    status = 422
    code = "no-such-appointment"
    advice = "Name an appointment of this patient, or none."


class CosignatureNotAsked(DomainError):
    """Nobody asked for a co-signature."""

    code = "cosignature-not-asked"
    advice = "The author asks for it."


class AlreadyCosigned(DomainError):
    """The note is co-signed."""

    code = "already-cosigned"


class DisclosureTaken(DomainError):
    """This id belongs to another disclosure."""

    code = "disclosure-taken"
    advice = "Make a new id for a new disclosure."
