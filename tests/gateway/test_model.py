"""The model of the edge, without any server: what is tried first, what is public, what is refused."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mindlyfe.gateway.eds import write_eds
from mindlyfe.gateway.envoy import bootstrap
from mindlyfe.gateway.files import files
from mindlyfe.gateway.model import Edge, edge
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(port=8080, admin_port=8081, eds=tmp_path, access_log=tmp_path / "access.log")


THING = Endpoint(
    context="therapy",
    method="GET",
    path="/",
    needs="thing:read",
    timeout_s=15,
    rate_per_s=None,
    max_body_bytes=65_536,
    streams=False,
)


def endpoint(path: str, method: str = "GET", **options: Any) -> Endpoint:
    return msgspec.structs.replace(THING, path=path, method=method, **options)


def paths(edge: Edge) -> list[str]:
    return [route.path for route in edge.routes if route.path != "/therapy/openapi.json"]


def test_whole_paths_come_before_templates_and_templates_before_prefixes(settings: GatewaySettings) -> None:
    given = ["/v1/{thing}", "/v1/mine", "/v1/mine/{part}", "/v1/{thing}/part"]
    mounted = [endpoint("/v1", "*"), endpoint("/v1/ingest/raw", "*")]
    ordered = paths(edge([*mounted, *map(endpoint, given)], settings))
    assert ordered == ["/v1/mine", "/v1/mine/{part}", "/v1/{thing}", "/v1/{thing}/part", "/v1/ingest/raw", "/v1"]


def test_only_what_needs_nothing_is_public(settings: GatewaySettings) -> None:
    made = edge([endpoint("/a"), endpoint("/b", needs=None)], settings)
    assert {route.path for route in made.routes if route.public} == {"/b", "/therapy/openapi.json"}
    text = json.dumps(bootstrap([endpoint("/a")], settings))
    assert "allow_missing" not in text, "nothing lets a request pass because its token is missing or wrong"
    assert "requires_any" not in text


def test_two_contexts_cannot_claim_one_route(settings: GatewaySettings) -> None:
    with pytest.raises(ValueError, match="both claim GET /a"):
        edge([endpoint("/a"), endpoint("/a", context="identity")], settings)


def test_only_answers_that_end_and_change_nothing_are_repeated(settings: GatewaySettings) -> None:
    given = [endpoint("/a"), endpoint("/a", "PUT"), endpoint("/b", streams=True), endpoint("/c", "*")]
    assert [route.path for route in edge(given, settings).routes if route.retried] == ["/a", "/therapy/openapi.json"]


def test_the_keys_of_identity_are_needed_even_without_its_routes(settings: GatewaySettings) -> None:
    assert [cluster.name for cluster in edge([endpoint("/a")], settings).clusters] == ["identity", "therapy"]


def test_a_template_matches_one_segment_and_nothing_else(settings: GatewaySettings) -> None:
    made = bootstrap([endpoint("/v1/a.b/{thing}/c")], settings)
    expected = json.dumps({"regex": r"/v1/a\.b/[^/]+/c"})
    assert json.dumps(made).count(expected) == 2  # the route, and the refusal of other methods


def test_a_file_of_unknown_type_is_not_served(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    assert files([tmp_path], None) == []
    (tmp_path / "notes.docx").touch()
    with pytest.raises(ValueError, match="docx"):
        files([tmp_path], None)


def test_a_later_directory_takes_a_path(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "index.html").write_text(name)
    (tmp_path / "first" / "deep" / "index.html").write_text("deep")
    served = {file.path: file.source for file in files([tmp_path / "first", tmp_path / "second"], None)}
    assert served == {"/": tmp_path / "second" / "index.html", "/deep": tmp_path / "first" / "deep" / "index.html"}


def test_a_page_is_put_into_its_frame(tmp_path: Path) -> None:
    frame, page = tmp_path / "frame.html", tmp_path / "site" / "now.html"
    frame.write_text("<title>$title</title>$script<body data-page=$page><main$width>$content</main>")
    page.parent.mkdir()
    page.write_text("<!--\ntitle: Now\n-->\n<h1>Now: 5 $</h1>\n")
    [file] = files([page.parent], None, frame)
    assert file.text == "<title>Now</title><body data-page=now><main><h1>Now: 5 $</h1>\n</main>"
    page.write_text("<!--\ntitle: Now\nwidth: wide\nscript: clock\n-->\n")
    [changed] = files([page.parent], None, frame)
    assert '<main class="wide">' in str(changed.text)
    assert '<script type="module" src="/assets/clock.js"></script>' in str(changed.text)
    assert changed.etag != file.etag
    for wrong in ("<h1>Now</h1>", "<!--\nscript: clock\n-->\n", "<!--\ntitle: Now\ncolour: red\n-->\n"):
        page.write_text(wrong)
        with pytest.raises(ValueError, match="begins with"):
            files([page.parent], None, frame)


def test_addresses_are_replaced_whole(tmp_path: Path) -> None:
    write_eds(tmp_path, "therapy", [("127.0.0.1", 9001)])
    inode = (tmp_path / "therapy.json").stat().st_ino
    write_eds(tmp_path, "therapy", [])
    assert (tmp_path / "therapy.json").stat().st_ino != inode
    assert [file.name for file in tmp_path.iterdir()] == ["therapy.json"]
