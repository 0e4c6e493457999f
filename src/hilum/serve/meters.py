"""Metrics for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest


class Meters:
    """The metrics of one server. No label contains anything from a file."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "hilum_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self.seconds = Histogram("hilum_request_seconds", "Seconds of a request.", ["route"], registry=self._registry)
        self.in_flight = Gauge("hilum_requests_in_flight", "Requests in flight.", registry=self._registry)
        self.slices = Counter("hilum_slices", "Slices answered.", ["decision"], registry=self._registry)
        self.batches = Histogram(
            "hilum_batch_slices", "Slices per batch.", buckets=(1, 2, 4, 8, 16), registry=self._registry
        )
        self.replaced = Counter(
            "hilum_workers_replaced", "Decoding processes that were replaced.", registry=self._registry
        )

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self._registry)
