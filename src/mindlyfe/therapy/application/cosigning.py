"""The signature of a supervisor beside that of the author whom they answer for."""

from collections.abc import Sequence
from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.application.note_ports import Supervisors
from mindlyfe.therapy.contract.notes import NoteSaved
from mindlyfe.therapy.domain.note import Change, Note, ask_cosignature, cosign
from mindlyfe.therapy.domain.note_access import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigning:
    """Asked for by the author, given by whoever supervises the care that the author gives."""

    door: NoteDoor
    supervisors: Supervisors
    clock: Clock

    async def ask(self, where: Where, who: Principal, act: Act) -> NoteSaved:
        """Raises NotFound, Forbidden, NoteNotSigned, NoteStruck, AlreadyCosigned, Unavailable."""
        await self.door.write(where, who)
        now = self.clock()

        def decision(state: Note | None) -> Sequence[Change]:
            return ask_cosignature(_there(state), by=who.id, at=now)

        decided = await self.door.streams.decide(act, where.note, decision)
        return NoteSaved(where.note, decided.version)

    async def give(self, where: Where, who: Principal, act: Act, expected: int | None) -> NoteSaved:
        """Sign what the author signed.

        Raises NotFound, Forbidden (no supervisor of the author), NoteNotSigned, NoteStruck, CosignatureNotAsked,
        AlreadyCosigned, VersionConflict, Unavailable.
        """
        state, _ = await self.door.read(where, who)
        now = self.clock()
        if not await self.supervisors.supervised(
            who.tenant, supervisor=who.id, author=state.begun.author, patient=where.patient, now=now
        ):
            raise Forbidden("a supervisor of its author co-signs a note")

        def decision(state: Note | None) -> Sequence[Change]:
            return cosign(_there(state), by=who.id, at=now)

        decided = await self.door.streams.decide(act, where.note, decision, expected=expected)
        return NoteSaved(where.note, decided.version)


def _there(note: Note | None) -> Note:
    if note is None:
        raise NotFound
    return note
