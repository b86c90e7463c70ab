"""When a therapist is ill: where their appointments could go, and sending them there."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, Instant, PersonId, Principal
from mindlyfe.therapy.application.displacing import Displacing
from mindlyfe.therapy.contract import RangeTooLong
from mindlyfe.therapy.contract.moves import DisplacedAppointment, MoveMany, MoveResult

From = Annotated[Instant, msgspec.Meta(description="Appointments that start at this time or later.")]
To = Annotated[Instant, msgspec.Meta(description="Appointments that start before this time; at most 62 days later.")]


def routes(displacing: Displacing) -> list[Router]:
    """Preview and carry out."""

    @get(
        "/{therapist:uuid}/displaced",
        needs="appointments:displace",
        clinical=True,
        refuses=(NotFound, RangeTooLong),
        audits="appointments.read",
    )
    async def preview(therapist: PersonId, from_: From, to: To, who: Principal) -> Page[DisplacedAppointment]:
        """Where a therapist's appointments could go who cannot be there, up to 200 that have not begun, in one page.

        Nothing is moved yet. At the same time to whoever stands in, or else to somebody of the same team; else to the
        next free slot of the same therapist after `to`. No two proposals take one place.
        """
        return Page(await displacing.preview(therapist, from_, to, who))

    @post(needs="appointments:displace", clinical=True, status_code=200)
    async def move(data: MoveMany, who: Principal, act: Act) -> Page[MoveResult]:
        """Move the chosen appointments, each by itself: the answer says of each whether it was moved, or why not.

        Under the same key each is moved once, also when the request is repeated after it was broken off.
        """
        return Page(await displacing.move(data, who, act))

    return [
        Router("/v1/therapists", route_handlers=[preview], tags=["Appointments"]),
        Router("/v1/clinic/moves", route_handlers=[move], tags=["Appointments"]),
    ]
