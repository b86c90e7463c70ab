"""The clinic as its administrators describe it, and its minimum age."""

from litestar import Router

from mindlyfe.identity.application.clinics import ClinicSettings
from mindlyfe.identity.contract.organisations import (
    ConfirmMinimumAge,
    DescribeOrganisation,
    MinimumAgeSaved,
    OrganisationSaved,
    SetMinimumAge,
)
from mindlyfe.identity.domain.refusals import ImpossibleHours, NeedsAnother, NothingProposed, UnknownZone
from mindlyfe.kernel.errors import KeyReused, NotFound, VersionConflict
from mindlyfe.kernel.http import post, put
from mindlyfe.kernel.messages import Principal

RECENT_S = 600


def routes(clinic: ClinicSettings) -> Router:
    """`PUT /v1/organisation`, `/v1/organisation/minimum-age`."""

    @put(
        needs="organisation:change",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, UnknownZone, ImpossibleHours, VersionConflict, KeyReused),
    )
    async def describe(data: DescribeOrganisation, who: Principal, expected: int | None) -> OrganisationSaved:
        """Replace name, zone, language, jurisdiction, hours, holidays, closures and lines of the clinic."""
        return await clinic.describe(data, who, expected)

    @put(
        "/minimum-age",
        needs="organisation:change",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, VersionConflict, KeyReused),
    )
    async def set_age(data: SetMinimumAge, who: Principal, expected: int | None) -> MinimumAgeSaved:
        """Raise the minimum age at once. A lower one is only proposed: a second administrator has to confirm it."""
        return await clinic.set_age(data, who, expected)

    @post(
        "/minimum-age/confirmation",
        needs="organisation:change",
        aal=2,
        recent_s=RECENT_S,
        status_code=200,
        refuses=(NotFound, NothingProposed, NeedsAnother, KeyReused),
    )
    async def confirm_age(data: ConfirmMinimumAge, who: Principal) -> MinimumAgeSaved:
        """Agree to the lower age that another administrator proposed."""
        return await clinic.confirm_age(data, who)

    return Router("/v1/organisation", route_handlers=[describe, set_age, confirm_age], tags=["Organisation"])
