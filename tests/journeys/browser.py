"""A real browser, driven over the Chrome DevTools protocol: for pages whose scripts must run."""

import base64
import json
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

from mindlyfe.gateway.files import files
from mindlyfe.gateway.security import ALWAYS, PAGES_POLICY
from mindlyfe.gateway.settings import PAGES

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")


class Served(NamedTuple):
    """What a request is answered with, in place of whoever would have answered."""

    body: bytes
    headers: Mapping[str, str]


class Page:
    """A tab of the browser."""

    def __init__(self, socket: ClientConnection, serve: Callable[[str], Served | None]) -> None:
        self._socket, self._serve, self._count = socket, serve, 0
        self.told: list[str] = []
        """Errors of scripts, and what the page's policy kept out."""

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command, and what came of it; what happens meanwhile is attended to."""
        self._count += 1
        number = self._count
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(20))
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._happened(message)

    def go(self, url: str) -> None:
        """Open an address."""
        self.send("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """What a script comes to; it runs as if its user had pressed something."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script: str, seconds: float = 15) -> Any:
        """Wait for a script to come to something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := self.run(script):
                    return found
            except AssertionError:
                pass  # between two pages
            time.sleep(0.05)
        raise AssertionError(f"{script}: not on {self.run('location.href + document.body.innerText')} {self.told}")

    def fill(self, **values: str) -> None:
        """Enter something into the fields of these names that are shown."""
        for name, value in values.items():
            field = f"[...document.getElementsByName({json.dumps(name)})].find((one) => one.checkVisibility())"
            self.until(f"!!{field}")
            self.run(f"{field}.value = {json.dumps(value)}")

    def press(self, words: str) -> None:
        """Press the button or link that says this."""
        shown = "one.checkVisibility() && one.textContent.trim() === " + json.dumps(words)
        found = f"[...document.querySelectorAll('button, a, label')].find((one) => {shown})"
        self.until(f"!!{found}")
        self.run(f"{found}.click()")

    def picture(self, path: Path) -> None:
        """How it looks now."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def _happened(self, message: dict[str, Any]) -> None:
        params: dict[str, Any] = message.get("params", {})
        match message.get("method"):
            case "Fetch.requestPaused":
                self._answer(params)
            case "Runtime.exceptionThrown":
                self.told.append(params["exceptionDetails"].get("exception", {}).get("description", "an exception"))
            case "Log.entryAdded" if params["entry"]["source"] == "security":
                self.told.append(params["entry"]["text"])
            case _:
                pass

    def _answer(self, paused: dict[str, Any]) -> None:
        served = self._serve(paused["request"]["url"])
        self._count += 1
        command: dict[str, Any] = {"method": "Fetch.continueRequest", "params": {"requestId": paused["requestId"]}}
        if served is not None:
            command["method"] = "Fetch.fulfillRequest"
            command["params"] |= {
                "responseCode": 200,
                "responseHeaders": [{"name": name, "value": value} for name, value in served.headers.items()],
                "body": base64.b64encode(served.body).decode(),
            }
        self._socket.send(json.dumps({"id": self._count} | command))


def our_pages(base: str, elsewhere: Served | None = None) -> Callable[[str], Served | None]:
    """Pages as the gateway would serve them, with its headers; all else at `base` is answered by the platform."""
    pages = {one.path: one for one in files([PAGES / "site", PAGES / "development"], None, PAGES / "frame.html")}

    def serve(url: str) -> Served | None:
        if not url.startswith(base):
            return elsewhere
        page = pages.get(urlsplit(url).path)
        if page is None:
            return None
        body = page.source.read_bytes() if page.text is None else page.text.encode()
        return Served(body, ALWAYS | {"content-type": page.content_type, "content-security-policy": PAGES_POLICY})

    return serve


@contextmanager
def browser(folder: Path, serve: Callable[[str], Served | None]) -> Generator[Page]:
    """A browser with nothing in it, and its one tab; `serve` answers what it will of the tab's requests."""
    assert CHROMIUM is not None
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions"]
    options += ["--disable-background-networking", "--disable-component-update", "--window-size=800,1000"]
    process = subprocess.Popen(
        [CHROMIUM, *options, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with connect(_tab(folder, process), max_size=None) as socket:
            page = Page(socket, serve)
            for domain in ("Page", "Runtime", "Log"):
                page.send(f"{domain}.enable")
            page.send("Fetch.enable", patterns=[{"urlPattern": "*"}])
            yield page
    finally:
        process.kill()
        process.wait()


def _tab(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the tab is spoken to."""
    known = folder / "DevToolsActivePort"
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        if known.exists() and (lines := known.read_text().splitlines()):
            tabs = httpx.get(f"http://127.0.0.1:{lines[0]}/json/list").json()
            if found := [one["webSocketDebuggerUrl"] for one in tabs if one["type"] == "page"]:
                return str(found[0])
        time.sleep(0.05)
    raise AssertionError("the browser did not start")
