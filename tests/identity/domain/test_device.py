"""What is kept of a browser's own words: its kind, nothing that would tell it from others."""

import pytest

from mindlyfe.identity.domain.device import coarse

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.7444.60"
SAID = {
    f"{WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0": "Firefox on Windows",
    f"{WINDOWS}) {CHROME} Safari/537.36": "Chrome on Windows",
    f"{WINDOWS}) {CHROME} Safari/537.36 Edg/142.0": "Edge on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605 Version/18.1 Safari/605": "Safari on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) CriOS/142.0 Mobile Safari/604.1": "Chrome on iPad",
    f"Mozilla/5.0 (Linux; Android 16; Pixel 9) {CHROME} Mobile Safari/537.36": "Chrome on Android",
    f"Mozilla/5.0 (X11; CrOS x86_64) {CHROME} Safari/537.36 OPR/124": "Opera on ChromeOS",
    "Mozilla/5.0 (X11; Linux x86_64)": "Linux",
    "Firefox": "Firefox",
    "python-httpx/0.28.1": "Unknown device",
    "": "Unknown device",
}


@pytest.mark.parametrize(("header", "name"), SAID.items())
def test_the_kind_of_browser_and_system_are_named(header: str, name: str) -> None:
    assert coarse(header) == name


def test_nothing_of_the_header_itself_is_kept() -> None:
    assert coarse("Amina's Firefox <script> Windows NT 10.0") == "Firefox on Windows"
