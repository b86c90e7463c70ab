"""Spans of requests for OpenTelemetry: sent only when a collector is configured, and only then is the SDK loaded."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from mindlyfe.kernel.config import TelemetrySettings


class Spans(Protocol):
    """Where finished spans go."""

    def ended(
        self, name: str, *, trace: str, parent: str, seconds: float, attributes: Mapping[str, str | int], failed: bool
    ) -> None:
        """A span that ended now and lasted `seconds`; `trace` and `parent` are traceparents, `parent` may be none."""
        ...

    def close(self) -> None:
        """Send what is left; blocks."""
        ...


def exported(settings: TelemetrySettings, exporter: Any = None) -> Spans | None:
    """Spans for the collector at `otlp_endpoint` (`http://host:4318/v1/traces`); None when there is none.

    `exporter` is an OpenTelemetry SpanExporter that takes its place.
    """
    if not settings.otlp_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    return _Exported(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=settings.otlp_endpoint)))


class _Exported:
    """Makes spans with our own ids, so that logs, audit and traces name the same."""

    def __init__(self, processor: Any) -> None:
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415

        self._api, self._span, self._processor = trace, ReadableSpan, processor
        self._resource = Resource.create({"service.name": "mindlyfe"})

    def ended(
        self, name: str, *, trace: str, parent: str, seconds: float, attributes: Mapping[str, str | int], failed: bool
    ) -> None:
        """Hand it to the processor's thread."""
        now = time.time_ns()
        status = self._api.Status(self._api.StatusCode.ERROR if failed else self._api.StatusCode.UNSET)
        ours = parent[3:35] == trace[3:35]
        span = self._span(
            name=name,
            context=self._context(trace, remote=False),
            parent=self._context(parent, remote=True) if ours else None,
            resource=self._resource,
            attributes=dict(attributes),
            kind=self._api.SpanKind.SERVER,
            status=status,
            start_time=now - int(seconds * 1e9),
            end_time=now,
        )
        self._processor.on_end(span)

    def close(self) -> None:
        """Send what is left."""
        self._processor.shutdown()

    def _context(self, traceparent: str, *, remote: bool) -> Any:
        flags = self._api.TraceFlags(int(traceparent[53:55], 16))
        return self._api.SpanContext(int(traceparent[3:35], 16), int(traceparent[36:52], 16), remote, flags)
