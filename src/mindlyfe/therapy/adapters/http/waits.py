"""The waiting list: join, wish, judge, pause, leave, remove; look, and see who waits."""

from uuid import UUID

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, IdTaken, Malformed, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.adapters.waits import WaitingList
from mindlyfe.therapy.application.waits import Waits
from mindlyfe.therapy.contract import UnknownZone
from mindlyfe.therapy.contract.waiting import (
    AlreadyWaiting,
    ChangeWishes,
    JoinWaitingList,
    JudgeUrgency,
    NotWaiting,
    OneWish,
    RemoveFromList,
    WaitDetail,
    WaitEntry,
    WaitId,
    WaitSaved,
    WishesBackwards,
)

WISHING = (NotFound, Unavailable, OneWish, WishesBackwards, UnknownZone)
STANDING = (NotFound, Unavailable, NotWaiting, VersionConflict)


def routes(waits: Waits, list_: WaitingList) -> list[Router]:
    """`/v1/waits`, `/v1/me/waits`."""
    handlers = [*_wishing(waits), *_standing(waits), *_clinical(waits), *_looks(waits, list_)]

    @get(needs="my-waits:read", audits="waits.read")
    async def mine(who: Principal) -> Page[WaitEntry]:
        """The caller's own places on the waiting list, past ones too, oldest first; never how many wait before them."""
        return Page(await list_.of_patient(who.tenant, who.id))

    return [
        Router("/v1/waits", route_handlers=handlers, tags=["Waiting list"]),
        Router("/v1/me/waits", route_handlers=[mine], tags=["Waiting list"]),
    ]


def _wishing(waits: Waits) -> list[HTTPRouteHandler]:
    @put(
        "/{wait:uuid}",
        needs="waits:arrange",
        clinical=True,
        refuses=(*WISHING, IdTaken, AlreadyWaiting),
        status_code=201,
    )
    async def join(wait: UUID, data: JoinWaitingList, who: Principal, act: Act) -> WaitSaved:
        """Wait for an appointment, under an id that the caller makes: with a therapist, a team or anybody.

        The clinic's desk and clinicians do so on behalf of a patient. Slots that become free are offered by urgency,
        then to whom the therapist has met before, then to who waits longest.
        """
        return await waits.join(WaitId(wait), data, who, act)

    @put("/{wait:uuid}/wishes", needs="waits:arrange", clinical=True, refuses=(*WISHING, NotWaiting, VersionConflict))
    async def wish(wait: UUID, data: ChangeWishes, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Wish for something else; the time waited counts on."""
        return await waits.wish(WaitId(wait), data.wishes, who, act, expected)

    return [join, wish]


def _standing(waits: Waits) -> list[HTTPRouteHandler]:
    @post("/{wait:uuid}/pause", needs="waits:arrange", clinical=True, refuses=STANDING, status_code=200)
    async def pause(wait: UUID, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Want no offers for now; the time waited counts on."""
        return await waits.pause(WaitId(wait), who, act, expected)

    @post("/{wait:uuid}/resumption", needs="waits:arrange", clinical=True, refuses=STANDING, status_code=200)
    async def resume(wait: UUID, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Want offers again. Who left three offers in a row unanswered gets none until then, either."""
        return await waits.resume(WaitId(wait), who, act, expected)

    @post("/{wait:uuid}/departure", needs="waits:arrange", clinical=True, refuses=STANDING, status_code=200)
    async def leave(wait: UUID, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Wait no longer, by the patient's own wish. A slot that is kept for them is offered to somebody else."""
        return await waits.leave(WaitId(wait), who, act, expected)

    return [pause, resume, leave]


def _clinical(waits: Waits) -> list[HTTPRouteHandler]:
    @post("/{wait:uuid}/removal", needs="waits:remove", clinical=True, refuses=STANDING, status_code=200)
    async def remove(wait: UUID, data: RemoveFromList, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Take somebody off the list, with the reason, which they read."""
        return await waits.remove(WaitId(wait), data.reason, who, act, expected)

    @put(
        "/{wait:uuid}/urgency",
        needs="waits:judge",
        clinical=True,
        refuses=(*STANDING, AssuranceTooLow),
    )
    async def judge(wait: UUID, data: JudgeUrgency, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Say how urgent it is, and why: clinicians alone do.

        Whoever treats the patient may, and whom they wait for; of who waits for a team or anybody, every clinician.
        """
        return await waits.judge(WaitId(wait), data, who, act, expected)

    return [remove, judge]


def _looks(waits: Waits, list_: WaitingList) -> list[HTTPRouteHandler]:
    @get("/{wait:uuid}", needs="waits:read", clinical=True, refuses=(NotFound, Unavailable), audits="waits.read")
    async def one(wait: UUID, who: Principal) -> WaitDetail:
        """One place on the list. The clinic's desk sees wishes and time, and nothing of the urgency."""
        return await waits.one(WaitId(wait), who)

    @get(needs="waits:list", clinical=True, refuses=(Malformed,), audits="waits.read")
    async def standing(who: Principal, *, limit: Limit = 50, cursor: Cursor | None = None) -> Page[WaitEntry]:
        """Who waits now, paused ones too, the longest waiting first.

        The clinic's desk sees everybody; a clinician who waits for them, for a team or for anybody.
        """
        clinician = None if who.roles & FRONT_DESK else who.id
        return await list_.standing(who.tenant, clinician, cursor, limit)

    return [one, standing]
