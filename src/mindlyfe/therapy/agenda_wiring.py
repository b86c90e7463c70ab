"""Puts the agenda into therapy."""

from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters.agenda import Days
from mindlyfe.therapy.adapters.holds import Holds
from mindlyfe.therapy.adapters.http.agenda import routes
from mindlyfe.therapy.adapters.note_lists import NoteList
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.application.agenda import Agenda
from mindlyfe.therapy.application.note_lists import NoteListing
from mindlyfe.therapy.domain.note_access import NOTE_POLICY


def with_agenda(module: Module, p: Platform) -> Module:
    """Therapy with an agenda in it."""
    ties, asked = TieCopy(p.database, MEANINGS), p.asks.of(Ties)
    notes = NoteListing(
        kind="progress",
        reach=reach_of(p, NOTE_POLICY),
        listed=NoteList(p.database, "progress", "note"),
        known=ties,
        asked=asked,
        clock=p.clock,
    )
    agenda = Agenda(days=Days(p.database), offers=Holds(p.database), notes=notes, clock=p.clock)
    grants = {"agenda:read": CLINICIANS, "clinic-agenda:read": FRONT_DESK}
    return joined(module, Module(name=module.name, routes=routes(agenda), grants=grants))
