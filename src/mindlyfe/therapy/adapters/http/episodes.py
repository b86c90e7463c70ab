"""Episodes of care: refer, accept, refuse, begin, describe, discharge; look, and see who waits."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, IdTaken, Malformed, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.kernel.policy import Thing
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.therapy.adapters.episodes import EpisodeList
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.application.episodes import Episodes
from mindlyfe.therapy.contract.episodes import (
    AddressedToAnother,
    DescribeProblem,
    DischargePatient,
    EpisodeDetail,
    EpisodeEntry,
    EpisodeRuns,
    EpisodeSaved,
    OwnReferral,
    ReferPatient,
    RefuseReferral,
    Stage,
    WrongStage,
)

At = Annotated[Stage, msgspec.Meta(description="The stage they are at.")]
DECIDING = (NotFound, WrongStage, AddressedToAnother, VersionConflict, Unavailable)
TREATING = (NotFound, AssuranceTooLow, WrongStage, VersionConflict, Unavailable)


def routes(episodes: Episodes, list_: EpisodeList, reach: Reach) -> list[Router]:
    """`/v1/episodes`, `/v1/me/episodes`, `/v1/patients/{patient}/episodes`."""
    handlers = [_referring(episodes), *_intake(episodes), *_course(episodes), *_looks(episodes, list_)]
    return [
        Router("/v1/episodes", route_handlers=handlers, tags=["Episodes"]),
        *_of_persons(list_, reach),
    ]


def _referring(episodes: Episodes) -> HTTPRouteHandler:
    @put(
        "/{episode:uuid}",
        needs="episodes:refer",
        clinical=True,
        refuses=(NotFound, IdTaken, EpisodeRuns, Unavailable),
        status_code=201,
    )
    async def refer(episode: UUID, data: ReferPatient, who: Principal, act: Act) -> EpisodeSaved:
        """Ask that a patient be taken into treatment, under an id that the caller makes.

        A patient who books without being in treatment is referred by that to the therapist they chose.
        """
        return await episodes.refer(episode, data, who, act)

    return refer


def _intake(episodes: Episodes) -> list[HTTPRouteHandler]:
    @post(
        "/{episode:uuid}/acceptance",
        needs="episodes:decide",
        clinical=True,
        refuses=(*DECIDING, OwnReferral),
        status_code=200,
    )
    async def accept(episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Take the patient on: the caller's care of them begins, and the record opens."""
        return await episodes.accept(episode, who, act, expected)

    @post("/{episode:uuid}/refusal", needs="episodes:decide", clinical=True, refuses=DECIDING, status_code=200)
    async def refuse(
        episode: UUID, data: RefuseReferral, who: Principal, act: Act, expected: int | None
    ) -> EpisodeSaved:
        """Do not take the patient on, with the reason."""
        return await episodes.refuse(episode, data.reason, who, act, expected)

    @post(
        "/{episode:uuid}/withdrawal",
        needs="episodes:withdraw",
        clinical=True,
        refuses=(NotFound, WrongStage, VersionConflict, Unavailable),
        status_code=200,
    )
    async def withdraw(episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Take a referral back before anybody decided; cancelling the booking that was the referral does so, too."""
        return await episodes.withdraw(episode, who, act, expected)

    return [accept, refuse, withdraw]


def _course(episodes: Episodes) -> list[HTTPRouteHandler]:
    @post("/{episode:uuid}/beginning", needs="episodes:treat", clinical=True, refuses=TREATING, status_code=200)
    async def begin(episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Treatment begins: from here on a baseline counts."""
        return await episodes.begin(episode, who, act, expected)

    @put("/{episode:uuid}/problem", needs="episodes:treat", clinical=True, refuses=TREATING)
    async def describe(
        episode: UUID, data: DescribeProblem, who: Principal, act: Act, expected: int | None
    ) -> EpisodeSaved:
        """Put the problem as it is understood now; earlier words stay in the history."""
        return await episodes.describe(episode, data.problem, who, act, expected)

    @post("/{episode:uuid}/discharge", needs="episodes:treat", clinical=True, refuses=TREATING, status_code=200)
    async def discharge(
        episode: UUID, data: DischargePatient, who: Principal, act: Act, expected: int | None
    ) -> EpisodeSaved:
        """End treatment; the care that began with it ends, too."""
        return await episodes.discharge(episode, data, who, act, expected)

    return [begin, describe, discharge]


def _looks(episodes: Episodes, list_: EpisodeList) -> list[HTTPRouteHandler]:
    @get(
        "/{episode:uuid}",
        needs="episodes:read",
        clinical=True,
        refuses=(NotFound, Unavailable),
        audits="episodes.read",
    )
    async def one(episode: UUID, who: Principal) -> EpisodeDetail:
        """One episode. The clinic's desk sees where it stands, and nothing clinical."""
        return await episodes.one(episode, who)

    @get(needs="episodes:list", clinical=True, refuses=(Malformed,), audits="episodes.read")
    async def at_stage(
        who: Principal, *, stage: At = "referred", limit: Limit = 50, cursor: Cursor | None = None
    ) -> Page[EpisodeEntry]:
        """Who waits for treatment, or is at another stage; the longest waiting first, without anything clinical.

        The clinic's desk sees everybody's; a clinician those who wait for anybody, or for them, and their own.
        """
        clinician = None if who.roles & FRONT_DESK else who.id
        return await list_.at_stage(who.tenant, stage, clinician, cursor, limit)

    return [one, at_stage]


def _of_persons(list_: EpisodeList, reach: Reach) -> list[Router]:
    @get(needs="my-episodes:read", audits="episodes.read")
    async def mine(who: Principal) -> Page[EpisodeEntry]:
        """The caller's own episodes, oldest first."""
        return Page(await list_.of_patient(who.tenant, who.id))

    @get(
        "/{patient:uuid}/episodes",
        needs="patient-episodes:read",
        clinical=True,
        refuses=(NotFound, AssuranceTooLow, Unavailable),
        audits="episodes.read",
    )
    async def of_patient(patient: PersonId, who: Principal) -> Page[EpisodeEntry]:
        """The episodes of a patient whose record is open to the caller, oldest first."""
        verdict = await reach.require(who, "read", Thing(who.tenant, patient, "logistics"))
        found = await list_.of_patient(who.tenant, patient)
        if not found and not verdict.tied:
            raise NotFound
        return Page(found)

    return [
        Router("/v1/me/episodes", route_handlers=[mine], tags=["Episodes"]),
        Router("/v1/patients", route_handlers=[of_patient], tags=["Episodes"]),
    ]
