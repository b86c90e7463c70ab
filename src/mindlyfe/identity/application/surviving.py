"""Who somebody is now: an id whose account became another one leads to the one that is left."""

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.messages import PersonId, TenantId


async def surviving(streams: IdentityStreams, tenant: TenantId, person: PersonId) -> tuple[Member | None, int]:
    """The member behind an old or a new id, and their version. Raises Erased."""
    member, version = await streams.members.load(tenant, member_stream(tenant, person))
    while member is not None and member.merged_into is not None:
        member, version = await streams.members.load(tenant, member_stream(tenant, member.merged_into))
    return member, version


async def survivor(streams: IdentityStreams, tenant: TenantId, person: PersonId) -> PersonId:
    """The id that is left; of nobody we know, the same. Raises Erased."""
    member, _ = await surviving(streams, tenant, person)
    return member.person if member else person
