"""The page at /docs."""

import re

from dicoms import chest, dataset, written
from uploads import files, flat, undescribed

from hilum.serve.docs import docs_page


def test_every_address_is_on_the_page_and_nothing_comes_from_elsewhere(client):
    description, page = client.get("/openapi.json").json(), client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path, operations in description["paths"].items():
        for method in operations:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    links = re.findall("(?:href|src)=[\"']([^\"']*)[\"']", page.text)
    assert all(link.startswith(("/docs.css", "/openapi.json", "/static/icon.svg", "#")) for link in links)
    anchors = {link[1:] for link in links if link.startswith("#")}
    assert anchors <= set(re.findall("id='([^']*)'", page.text))
    assert client.get("/docs.css").headers["content-type"].startswith("text/css")


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


def test_words_of_the_description_are_text():
    word = "<script>alert('\"&')</script>"
    answer = {"description": word, "content": {word: {"schema": {"type": word}}}}
    operation = {
        "description": word,
        "parameters": [{"name": word, "in": word, "description": word, "schema": {"enum": [word]}}],
        "requestBody": {"content": {word: {"schema": {"properties": {word: {"type": word}}}}}},
        "responses": {word: answer},
    }
    page = docs_page(
        {
            "info": {"title": word, "description": word},
            "paths": {word: {word: operation}},
            "components": {"schemas": {word: {"description": word, "properties": {word: {"$ref": word}}}}},
        }
    )
    assert "<script" not in page.lower()
    assert "alert('" not in page
