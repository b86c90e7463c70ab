"""Photos of people: one's own to change, a patient's to see for who may see their profile."""

import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.application.acts import photo_stream
from mindlyfe.identity.application.profiles import Profiles
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.photos import PhotoSaved
from mindlyfe.identity.domain.photo import Changed, Removed, remove, show, shown
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import ByKey, PersonId, Principal, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.personal import belongings
from mindlyfe.kernel.secrecy import Keys


class Pictures(Protocol):
    """Makes a plain picture of what somebody sent."""

    async def plain(self, content: bytes) -> bytes:
        """A JPEG of moderate size with nothing in it but what can be seen. Raises BadPicture."""
        ...


def folder(tenant: TenantId, person: PersonId) -> str:
    """Where a person's photos lie: with all else of theirs, so that they go with them."""
    return f"{belongings(tenant, person)}/photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photos:
    """Sealed under the person's key. The new one is there before it is shown; the old one goes when it is not."""

    streams: IdentityStreams
    profiles: Profiles
    pictures: Pictures
    objects: Objects
    keys: Keys
    clock: Clock
    ids: Ids

    async def change(self, content: bytes, who: Principal) -> PhotoSaved:
        """Show this one of the caller. Raises BadPicture, KeyReused, Unavailable."""
        plain = await self.pictures.plain(content)
        photo, key = self._id(content, who), await self.keys.of(who.tenant, who.id)
        await self.objects.put(f"{folder(who.tenant, who.id)}/{photo}", plain, key=key)
        wish = Changed(person=who.id, photo=photo, at=self.clock())
        stream = photo_stream(who.tenant, who.id)
        decided = await self.streams.photos.decide(who.act, stream, lambda state: show(state, wish))
        await self._sweep(who)
        return PhotoSaved(photo, decided.version)

    async def remove(self, who: Principal) -> None:
        """Show none of the caller. Raises KeyReused, Unavailable."""
        wish = Removed(person=who.id, at=self.clock())
        stream = photo_stream(who.tenant, who.id)
        await self.streams.photos.decide(who.act, stream, lambda state: remove(state, wish))
        await self._sweep(who)

    async def mine(self, who: Principal) -> bytes:
        """The caller's own, a JPEG. Raises NotFound, Unavailable."""
        return await self.of(who.tenant, who.id)

    async def of_patient(self, person: PersonId, who: Principal) -> bytes:
        """A patient's, for the front desk and who treats them. Raises NotFound, Unavailable."""
        await self.profiles.of_patient(person, who)
        return await self.of(who.tenant, person)

    async def of(self, tenant: TenantId, person: PersonId) -> bytes:
        """Whoever's. Raises NotFound, Unavailable."""
        try:
            state, _ = await self.streams.photos.load(tenant, photo_stream(tenant, person))
            path, key = f"{folder(tenant, person)}/{shown(state)}", await self.keys.of(tenant, person)
        except Erased:
            raise NotFound from None
        return await self.objects.get(path, key=key)

    async def _sweep(self, who: Principal) -> None:
        """Delete all but what is shown: what was shown before, and what was put there and never shown."""
        state, _ = await self.streams.photos.load(who.tenant, photo_stream(who.tenant, who.id))
        kept = str(state.photo) if state and state.photo else ""
        async for one in self.objects.list(folder(who.tenant, who.id)):
            if one.path.rpartition("/")[2] != kept:
                await self.objects.delete(one.path)

    def _id(self, content: bytes, who: Principal) -> UUID:
        """The same for the same request, so that a repeated one puts nothing in the place of another."""
        once, digest = who.act.once, hashlib.sha256(content).hexdigest()
        return derived("photo", who.tenant, who.id, once.key, digest) if isinstance(once, ByKey) else self.ids()
