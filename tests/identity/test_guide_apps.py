"""The guide for apps, run as it is printed: what a developer copies signs people in."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.errors import InvalidClaimError
from tests.identity.openid_app import ISSUER, App, allowed, registered, strong, waiting

from mindlyfe.identity.domain.app_scopes import known

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "apps.md"


@pytest.fixture
def printed() -> dict[str, Any]:
    """The names that the example defines."""
    [example] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, str(GUIDE), "exec"), names)
    return names


@pytest.mark.parametrize("kind", ["confidential", "public"])
async def test_the_example_of_the_guide_signs_people_in(house: Any, printed: dict[str, Any], kind: str) -> None:
    house.clock.now = datetime.now(UTC)  # the example checks the times of the ID token by the real clock
    clinic = await house.clinic()
    patient = await clinic.patient()
    app: App = await registered(house, await strong(clinic), kind=kind)
    async with app.library(printed["SCOPE"]) as client:
        url, kept = await printed["begin"](client, ISSUER)
        back = await allowed(patient, waiting(await patient.http.get(url)))
        with pytest.raises(InvalidClaimError):
            await printed["finish"](client, ISSUER, back, kept | {"nonce": "of somebody else"})
        url, kept = await printed["begin"](client, ISSUER)
        back = await allowed(patient, waiting(await patient.http.get(url)))
        claims = await printed["finish"](client, ISSUER, back, kept)
        assert (claims["sub"], claims["acr"]) == (patient.id, "aal1")
        assert (await client.get(f"{ISSUER}/v1/me")).json()["person"] == patient.id
        house.clock.pass_(minutes=11)
        client.token = client.token | {"expires_at": 1}
        assert (await client.get(f"{ISSUER}/v1/me")).status_code == 200, "the library renewed by itself"


def test_the_scopes_of_the_guide_are_there() -> None:
    table = GUIDE.read_text().partition("### Scopes")[2].partition("###")[0]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    scopes = [scope for cell in first for scope in re.findall("`([^`]+)`", cell)]
    assert {"openid", "email", "fhirUser", "user/Appointment.rs"} <= set(scopes)
    assert all(known(scope) for scope in scopes)
