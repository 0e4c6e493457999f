"""The application: its addresses, and its beginning and end."""

from helpers.uploads import ADDRESS
from starlette.testclient import TestClient

from hilum.serve.app import create_app
from hilum.serve.settings import Settings


def test_the_page_and_its_files_are_given(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "/static/app.js" in page.text
    assert client.get("/static/app.js").status_code == 200
    assert client.get("/docs").status_code == 404


def test_health_says_what_there_is(client, tmp_path):
    assert client.get("/healthz").json() == {"status": "ok", "model": True, "runs": False, "token": False}
    said = []
    app = create_app(None, Settings(workers=1, runs=tmp_path), lambda: said.append("started"))
    assert said == []
    with TestClient(app, ADDRESS) as other:
        assert other.get("/healthz").json() == {"status": "ok", "model": False, "runs": True, "token": False}
    assert said == ["started"]
