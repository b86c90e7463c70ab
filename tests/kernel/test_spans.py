"""Spans for OpenTelemetry carry the ids of our own trace; without a collector the SDK is not even loaded."""

import subprocess
import sys
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from mindlyfe.kernel import telemetry
from mindlyfe.kernel.config import TelemetrySettings
from mindlyfe.kernel.spans import exported


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


def test_a_span_has_our_ids_and_its_parent() -> None:
    kept = Kept()
    spans = exported(TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318/v1/traces"), kept)
    assert spans
    parent = telemetry.started()
    step = telemetry.continued(parent)
    status = {"http.response.status_code": 503}
    spans.ended("GET /v1/{thing}", trace=step, parent=parent, seconds=0.25, attributes=status, failed=True)
    spans.ended("GET /v1", trace=telemetry.started(), parent="", seconds=0.1, attributes={}, failed=False)
    spans.close()
    first, second = kept.spans
    assert first.context
    assert first.parent
    assert format(first.context.trace_id, "032x") == step[3:35]
    assert format(first.context.span_id, "016x") == step[36:52]
    assert format(first.parent.span_id, "016x") == parent[36:52]
    assert not first.status.is_ok
    assert second.parent is None
    assert first.end_time
    assert first.start_time
    assert first.end_time - first.start_time == 250_000_000


def test_without_a_collector_nothing_is_loaded() -> None:
    assert exported(TelemetrySettings()) is None
    code = "import sys, mindlyfe.host; sys.exit('opentelemetry.sdk.trace' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
