"""The one-time link for whoever runs the installation, with the keys of the installation."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mindlyfe.identity.bootstrap import new_setup_link, setup_link
from mindlyfe.kernel.config import DatabaseSettings, Settings
from mindlyfe.kernel.root_key import make_root_key


@pytest.fixture
def settings(emptied: DatabaseSettings, tmp_path: Path) -> Settings:
    make_root_key(tmp_path / "root.key")
    return msgspec.structs.replace(Settings(), database=emptied, root_key=tmp_path / "root.key")


async def test_the_link_is_shown_again_until_there_is_a_clinic(settings: Settings, house: Any) -> None:
    link = await setup_link(settings)
    assert link
    assert link.startswith("http://localhost:8080/setup#code=")
    assert await setup_link(settings) == link
    more = {await new_setup_link(settings) for _ in range(2)}
    assert len(more | {link}) == 3
    await house.clinic()
    assert await setup_link(settings) is None
    assert await new_setup_link(settings)
