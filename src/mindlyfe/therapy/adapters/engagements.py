"""What takes people's time: appointments with the room around them, and times imported from calendars elsewhere."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.therapy.contract import AppointmentId, RoomId
from mindlyfe.therapy.domain.clocks import DAY_S
from mindlyfe.therapy.domain.slots import Engaged, Stretch

AROUND_S: Final = 9 * DAY_S
"""A week that a search begins or ends in lies within, wherever its clocks are; so does any buffer."""
HELD: Final[LiteralString] = """
    select therapist, extract(epoch from lower(held))::bigint, extract(epoch from upper(held))::bigint,
        extract(epoch from starts_at)::bigint
    from calendar
    where therapist = any(%s) and starts_at >= to_timestamp(%s) and starts_at < to_timestamp(%s)
    and takes_time and not seat and appointment is distinct from %s
    order by starts_at"""
IMPORTED: Final[LiteralString] = """
    select imported.therapist, begins, ends from imported join feed using (tenant, feed)
    where imported.therapist = any(%s) and ends > %s and begins < %s order by begins"""
ROOMS: Final[LiteralString] = """
    select room, extract(epoch from lower(during))::bigint, extract(epoch from upper(during))::bigint from calendar
    where room = any(array(select room from schedule where therapist = any(%s) and room is not null))
    and starts_at >= to_timestamp(%s) and starts_at < to_timestamp(%s)
    and takes_time and not seat and appointment is distinct from %s
    order by starts_at"""
MEETS: Final[LiteralString] = """
    select extract(epoch from lower(during))::bigint, extract(epoch from upper(during))::bigint from calendar
    where patient = %s and starts_at >= to_timestamp(%s) and starts_at < to_timestamp(%s) and takes_time
    order by starts_at"""


class EngagedTimes:
    """Reads them, in seconds since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def engaged(
        self,
        tenant: TenantId,
        therapists: Sequence[PersonId],
        since: int,
        until: int,
        *,
        besides: AppointmentId | None = None,
    ) -> Mapping[PersonId, Engaged]:
        """What takes the therapists' time between the two, with all of the weeks around them, `besides` left out."""
        async with self._database.app(tenant) as tx:
            asked = (list(therapists), since - AROUND_S, until + AROUND_S)
            booked = await (await tx.execute(HELD, (*asked, besides))).fetchall()
            imported = await (await tx.execute(IMPORTED, asked)).fetchall()
            used = await (await tx.execute(ROOMS, (*asked, besides))).fetchall()
        held: dict[PersonId, list[Stretch]] = defaultdict(list)
        starts: dict[PersonId, list[int]] = defaultdict(list)
        for therapist, begins, ends, at in booked:
            held[therapist].append((begins, ends))
            starts[therapist].append(at)
        busy: dict[PersonId, list[Stretch]] = defaultdict(list)
        for therapist, begins, ends in imported:
            busy[therapist].append((begins, ends))
        rooms: dict[RoomId, list[Stretch]] = defaultdict(list)
        for room, begins, ends in used:
            rooms[room].append((begins, ends))
        return {
            one: Engaged(held=held.get(one, ()), starts=starts.get(one, ()), busy=busy.get(one, ()), rooms=rooms)
            for one in (therapists if rooms else held.keys() | busy.keys())
        }

    async def meets(self, tenant: TenantId, patient: PersonId, since: int, until: int) -> Sequence[Stretch]:
        """When the patient has appointments between the two, and some days around."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(MEETS, (patient, since - DAY_S, until + DAY_S))).fetchall()
        return [(begins, ends) for begins, ends in rows]
