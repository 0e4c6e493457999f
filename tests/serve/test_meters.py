"""What is counted."""

from helpers.uploads import files, flat

from hilum.serve.meters import Meters


def test_counts_are_given_in_the_format_of_prometheus():
    meters = Meters()
    meters.requests.labels("GET", "/api/model", 200).inc()
    meters.batches.observe(3)
    text = meters.text().decode()
    assert 'hilum_requests_total{method="GET",route="/api/model",status="200"} 1.0' in text
    assert 'hilum_batch_slices_bucket{le="2.0"} 0.0' in text
    assert 'hilum_batch_slices_bucket{le="4.0"} 1.0' in text
    assert b"hilum_requests_total{" not in Meters().text()  # each server counts for itself


def test_what_was_answered_is_counted(client):
    def counted():
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith("hilum_slices_total{"))

    before = counted()
    client.post("/api/predict", files=files(a=flat(51), b=flat(128), c=b"none"))
    assert counted() == before + 3
