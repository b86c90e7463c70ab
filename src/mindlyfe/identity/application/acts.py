"""Acts of people who are not signed in, and the streams that belong to ids."""

from uuid import UUID

from msgspec.structs import replace

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, ByKey, PersonId, TenantId
from mindlyfe.kernel.secrecy import Keys


def private(act: Act, keys: Keys) -> Act:
    """The same act, remembered by a keyed digest: a plain one of a body with a password would help to guess it."""
    if isinstance(act.once, ByKey):
        return replace(act, once=ByKey(act.once.key, keys.mac("identity/idempotency", act.once.digest)))
    return act


def unrepeatable(act: Act) -> Act:
    """The same act without its key: an answer with a token cannot be given again."""
    return replace(act, once=None)


def by(act: Act, person: PersonId) -> Act:
    """The same act, now that we know who does it."""
    return replace(act, actor=person)


def member_stream(tenant: TenantId, person: PersonId) -> UUID:
    """The stream of a person's membership."""
    return derived("member", tenant, person)


def registration_stream(person: PersonId) -> UUID:
    """The stream of the attempt that `person` was made for; also its flow."""
    return derived("registration", person)


def recovery_stream(person: UUID) -> UUID:
    """The stream of a person's lost passwords; for an address without an account, of an id that its digest makes."""
    return derived("recovery", person)


def address_change_stream(person: PersonId) -> UUID:
    """The stream of a person's wishes to move to another address."""
    return derived("address-change", person)


def allowance_stream(tenant: TenantId, person: PersonId, app: UUID) -> UUID:
    """The stream of what a person allows an app in one organisation."""
    return derived("allowance", tenant, person, app)


def care_stream(tenant: TenantId, care: UUID) -> UUID:
    """The stream of a care relationship, whose id the caller made and might have taken from something else."""
    return derived("care", tenant, care)


def handover_stream(tenant: TenantId, handover: UUID) -> UUID:
    """The stream of a handover, whose id the caller made, too."""
    return derived("handover", tenant, handover)


def merge_stream(tenant: TenantId, merge: UUID) -> UUID:
    """The stream of a merge, whose id the caller made, too."""
    return derived("merge", tenant, merge)


def consent_stream(tenant: TenantId, person: PersonId) -> UUID:
    """The stream of all that a person permits in an organisation."""
    return derived("consent", tenant, person)


def photo_stream(tenant: TenantId, person: PersonId) -> UUID:
    """The stream of a person's photo in an organisation."""
    return derived("photo", tenant, person)


def wording_stream(tenant: TenantId, purpose: str, language: str) -> UUID:
    """The stream of a consent text's versions in one language."""
    return derived("consent-wording", tenant, purpose, language)


def factors_stream(person: PersonId) -> UUID:
    """The stream of what a person proves themselves by."""
    return derived("factors", person)


def supervision_stream(tenant: TenantId, supervision: UUID) -> UUID:
    """The stream of a supervision, whose id the caller made, too."""
    return derived("supervision", tenant, supervision)
