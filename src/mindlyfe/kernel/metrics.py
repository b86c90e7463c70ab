"""Prometheus metrics of one process: requests here, gauges that other parts offer."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The registry of a process. Labels are few and known: contexts, route templates, statuses; never an id."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "mindlyfe_request_seconds",
            "Time to answer a request, seconds.",
            ("context", "method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._children: dict[tuple[str, str, str, int], Histogram] = {}
        self.restarts = Counter(
            "mindlyfe_part_restarts",
            "Background parts that failed and were started again.",
            ("part",),
            registry=self.registry,
        )
        self._gauges: dict[str, Gauge] = {}

    def request(self, context: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        key = (context, method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(context, method, route, str(status))
        child.observe(seconds)

    def gauge(self, name: str, meaning: str, read: Callable[[], float], **labels: str) -> None:
        """Offer a number that is read when metrics are asked for, such as a lag in seconds or a pool's size."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, meaning, sorted(labels), registry=self.registry)
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set_function(read)

    def exposition(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self.registry)
