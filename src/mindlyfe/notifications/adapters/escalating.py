"""Escalations put together: who is on duty, who is called, and what says loudly that nobody answers."""

import asyncio
from collections.abc import Mapping
from typing import Final, LiteralString

import structlog

from mindlyfe.identity.contract import Recipients
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import ADMIN, CLINICIANS, PRIVACY
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.claims import ESCALATIONS, Claims
from mindlyfe.notifications.adapters.escalations import EscalationList
from mindlyfe.notifications.adapters.http import duty as duty_routes
from mindlyfe.notifications.adapters.http import escalations as escalation_routes
from mindlyfe.notifications.application.duty import DutyRota
from mindlyfe.notifications.application.escalations import Ladders
from mindlyfe.notifications.application.runs import Runs
from mindlyfe.notifications.application.scheduler import Scheduler
from mindlyfe.notifications.contract.escalations import Escalations
from mindlyfe.notifications.domain import escalation, rota

ANSWERABLE: Final[frozenset[Role]] = ADMIN | PRIVACY
GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "escalations:open": CLINICIANS,
    "escalations:read": CLINICIANS | ANSWERABLE,
    "escalations:answer": CLINICIANS | ANSWERABLE,
    "duty-rota:read": CLINICIANS | ANSWERABLE,
    "duty-rota:set": ANSWERABLE,
}
ERASES: Final[Mapping[str, LiteralString]] = {"escalation": "delete from escalation where subject = %(person)s"}
BARS: Final[Mapping[str, LiteralString]] = {
    "escalation": "select exists (select from escalation where subject = %(person)s and status <> 'closed')",
}
STAYS: Final[Mapping[str, str]] = {"escalation": "it is closed: what was done then was done for this account"}
LOOK_S: Final = 5.0
log = structlog.get_logger()


class Siren:
    """Counts what nobody answers, for the metrics, and says in the log that there is such a thing."""

    def __init__(self, listed: EscalationList) -> None:
        self._listed, self.unanswered = listed, 0

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                found = await self._listed.unanswered()
            except Unavailable:
                log.warning("cannot look for safety tasks that nobody answers")
            else:
                if found > self.unanswered:
                    log.error("safety tasks that nobody on duty answers", count=found)
                self.unanswered = found
            await asyncio.sleep(LOOK_S)


def escalating(p: Platform, runs: Runs) -> Module:
    """Put it together."""
    listed, bell = EscalationList(p.database), asyncio.Event()
    rotas: Streams[rota.Rota, rota.RotaSet] = Streams(
        p.database, p.keys, name="rota", events=rota.RotaSet, evolve=rota.evolve
    )
    streams: Streams[escalation.Escalation, escalation.Change] = Streams(
        p.database,
        p.keys,
        name="escalation",
        events=escalation.Change,
        evolve=escalation.evolve,
        subject=lambda state: state.subject,
        inline=(listed,),
    )
    duty, siren = DutyRota(rotas, p.asks.of(Recipients), p.clock), Siren(listed)
    ladders = Ladders(
        streams=streams,
        rota=duty,
        runs=runs,
        recipients=p.asks.of(Recipients),
        clock=p.clock,
        ids=p.ids,
        due=bell.set,
    )
    scheduler = Scheduler(Claims(p.database, ESCALATIONS), ladders.carry_on, p.clock, bell)
    return Module(
        name=p.context,
        routes=[duty_routes.routes(duty), escalation_routes.routes(ladders, listed, duty)],
        grants=GRANTS,
        streams=(streams, rotas),
        answers={Escalations: ladders},
        personal=Personal(erases=ERASES, bars=BARS, stays=STAYS),
        gauges={"mindlyfe_escalations_unanswered": lambda: float(siren.unanswered)},
        workers={"ladders": scheduler.run, "siren": siren.run},
    )
