"""What the API says that it gives."""

from helpers.dicoms import chest, dataset, written
from helpers.uploads import files, flat, undescribed


def test_every_field_of_an_answer_is_described(client):
    description = client.get("/openapi.json").json()
    scan = written(dataset(chest(0), chest(1), window=(-600, 1500)))
    answers = {
        "/healthz": client.get("/healthz"),
        "/api/model": client.get("/api/model"),
        "/api/predict": client.post("/api/predict", files=files(a=flat(51), b=scan, c=b"none")),
        "/api/explain": client.post("/api/explain", files=files(b=scan)),
    }
    for path, answer in answers.items():
        assert answer.status_code == 200
        assert undescribed(description, path, answer) == set()
