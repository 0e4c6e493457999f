"""Who may ask, from where, with what; and what stands around every answer."""

import asyncio
import logging
import socket
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from helpers.uploads import ADDRESS, OURS, client_of, files, flat, is_problem, server_of

from hilum.serve.guard import LOG, PAGE_POLICY, Guard
from hilum.serve.meters import Meters
from hilum.serve.settings import Access, Caps, Settings

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "localhost.:8000"])
def test_names_of_this_machine(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.1.9", "", "localhost.evil", "[::2]"],
)
def test_a_name_that_was_made_to_lead_here_is_refused(client, host):
    for path in ("/", "/healthz", "/api/model"):
        assert is_problem(client.get(path, headers={"Host": host}), 421)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8001", "http://localhost:8000", "file://", "http://["]
)
def test_pages_of_other_origins_are_refused(client, origin):
    response = client.post("/api/predict", files=files(a=flat(51)), headers={"Origin": origin})
    assert is_problem(response, 403)
    assert not any(name.startswith("access-control") for name in response.headers)


def test_the_own_page_is_not(client):
    headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/predict", files=files(a=flat(51)), headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_to_the_page_and_no_more(client, site):
    assert is_problem(client.get("/api/model", headers={"Sec-Fetch-Site": site}), 403)
    assert client.get("/healthz", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_post_without_the_header_is_refused(client):
    for headers in ({"X-Requested-With": ""}, {"X-Requested-With": "XMLHttpRequest"}):
        assert is_problem(client.post("/api/predict", files=files(a=flat(51)), headers=headers), 403)


def test_a_preflight_gets_no_leave(client):
    response = client.options(
        "/api/predict", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert is_problem(response, 403)


@pytest.mark.parametrize("path", ["/healthz", "/api/model", "/nothing", "/openapi.json", "/metrics"])
def test_policies_stand_on_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404), ("GET", "/api/nothing", 404), ("GET", "/static/nothing.js", 404),
        ("GET", "/static/../app.py", 404), ("GET", "/static/%2e%2e/app.py", 404), ("GET", "/api/model/", 404),
        ("GET", "/api/predict", 405), ("PUT", "/api/predict", 405), ("DELETE", "/api/model", 405),
        ("POST", "/", 405), ("GET", "/api/runs/nothing", 404), ("GET", "/runs/nothing/report.html", 404),
        ("GET", "/api/runs/..%2f..%2fetc", 404), ("GET", "/api/runs/%00", 404),
    ],
)  # fmt: skip
def test_other_addresses_and_methods_are_problems(client, method, path, status):
    response = client.request(method, path)
    assert is_problem(response, status)
    assert status != 405 or response.headers["allow"]


@pytest.fixture(scope="module")
def guarded(tiny_model):
    with client_of(tiny_model, access=Access("0.0.0.0", TOKEN.encode())) as client:
        yield client


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer ä"],
)
def test_without_the_token_there_is_no_answer(guarded, given):
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    for path in ("/api/model", "/api/runs", "/metrics", "/runs/a/report.html"):
        response = guarded.get(path, headers=headers)
        assert is_problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        assert "set-cookie" not in response.headers
    assert is_problem(guarded.post("/api/predict", files=files(a=flat(51)), headers=headers), 401)


def test_with_the_token_there_is(guarded):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/api/model", headers=headers).status_code == 200
    assert guarded.post("/api/predict", files=files(a=flat(51)), headers=headers).status_code == 200
    assert guarded.get("/healthz").status_code == 200  # which says nothing


def test_the_cookie_opens_reports_alone(tiny_model):
    with client_of(tiny_model, access=Access("0.0.0.0", TOKEN.encode())) as client:
        cookie = client.get("/api/model", headers={"Authorization": f"Bearer {TOKEN}"}).headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/runs/"))
        assert TOKEN not in cookie
        sent = {"Cookie": cookie.partition(";")[0]}
        assert client.get("/runs/nothing/report.html", headers=sent).status_code == 404
        assert client.get("/api/model", headers=sent).status_code == 401
        assert client.get("/runs/nothing/report.html", headers={"Cookie": "hilum-reports=no"}).status_code == 401


def test_an_address_of_the_machine_is_a_name_of_a_server_for_others(guarded):
    assert guarded.get("/healthz", headers={"Host": "192.168.1.9:8000"}).status_code == 200
    assert is_problem(guarded.get("/healthz", headers={"Host": "evil.example"}), 421)


def test_requests_beyond_the_cap_are_to_be_tried_again():
    """One request waits inside; the next is refused, and taken once the first is done."""

    async def asked():
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def app(scope, receive, send):
            inside.set()
            await go_on.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        guard = Guard(app, Settings(caps=Caps(in_flight=1)), Meters())
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=OURS) as client:
            first = asyncio.create_task(client.post("/api/predict"))
            await inside.wait()
            second = await client.post("/api/predict")
            go_on.set()
            return await first, second, await client.post("/api/predict")

    first, second, third = asyncio.run(asked())
    assert is_problem(second, 503)
    assert int(second.headers["retry-after"]) > 0
    assert (first.status_code, third.status_code) == (204, 204)


@pytest.fixture(scope="module")
def single(tiny_model):
    """A server that works on one request at a time."""
    with server_of(tiny_model, in_flight=1) as (address, _):
        yield address


@contextmanager
def begun(address, count, head, body=b""):
    """Connections that have sent the beginning of a request, and no more."""
    parts = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection((parts.hostname, parts.port), 20))
            connection.sendall(head + body)
        yield


POSTED = b"POST /api/%s HTTP/1.1\r\nHost: localhost\r\nX-Requested-With: hilum\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=b\r\n"
BEGUN = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'


@pytest.mark.parametrize(
    "head",
    [
        POSTED % b"predict" + FORM + b"Content-Length: 500000\r\n\r\n",
        POSTED % b"explain" + FORM + b"Content-Length: 500000\r\n\r\n",
        POSTED % b"predict" + FORM + b"Transfer-Encoding: chunked\r\n\r\n",
        POSTED % b"predict",  # the headers too
    ],
    ids=["predict", "explain", "chunked", "headers"],
)
def test_uploads_that_have_not_come_hold_no_place(single, head):
    body = BEGUN if b"Content-Length" in head else b""
    with begun(single, 100, head, body):
        for _ in range(3):
            response = httpx.post(f"{single}api/predict", files=files(a=flat(51)), headers=OURS, timeout=60)
            assert response.json()["rows"][0]["decision"] == "class"


def test_answers_that_nobody_fetches_hold_no_place():
    """Each of three requests has begun its answer, and waits with the rest of it."""

    async def asked():
        inside, go_on = asyncio.Semaphore(0), asyncio.Event()

        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            inside.release()
            await go_on.wait()
            await send({"type": "http.response.body", "body": b""})

        transport = httpx.ASGITransport(Guard(app, Settings(caps=Caps(in_flight=1)), Meters()))
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=OURS) as client:
            waiting = []
            for _ in range(3):
                waiting.append(asyncio.create_task(client.get("/api/model")))
                await inside.acquire()
            go_on.set()
            return [(await one).status_code for one in waiting]

    assert asyncio.run(asyncio.wait_for(asked(), 60)) == [200, 200, 200]


def test_a_body_that_is_there_while_all_places_are_taken_is_to_be_sent_again():
    async def asked():
        whole, go_on = asyncio.Semaphore(0), asyncio.Event()

        async def app(scope, receive, send):
            while (await receive()).get("more_body"):
                pass
            whole.release()
            await go_on.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def slow(may_end):
            yield b"a"
            await may_end.wait()
            yield b"b"

        transport = httpx.ASGITransport(Guard(app, Settings(caps=Caps(in_flight=1)), Meters()))
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=OURS) as client:
            ends = asyncio.Event(), asyncio.Event()
            first, second = (asyncio.create_task(client.post("/api/predict", content=slow(end))) for end in ends)
            ends[0].set()
            await whole.acquire()
            ends[1].set()
            refused = await second
            go_on.set()
            return await first, refused, await client.post("/api/predict")

    first, refused, third = asyncio.run(asyncio.wait_for(asked(), 60))
    assert is_problem(refused, 503)
    assert (first.status_code, third.status_code) == (204, 204)


def test_an_error_that_nobody_expected_tells_nothing(caplog):
    async def app(scope, receive, send):
        raise ValueError("Geheimrat^Rosalinde")

    async def asked():
        transport = httpx.ASGITransport(Guard(app, Settings(), Meters()))
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.get("/api/model")

    LOG.propagate = True
    with caplog.at_level(logging.INFO, LOG.name):
        response = asyncio.run(asked())
    assert is_problem(response, 500)
    assert "Rosalinde" not in response.text + caplog.text
    assert "ValueError at" in caplog.text


def test_the_log_names_routes_and_no_files(client, caplog):
    with caplog.at_level(logging.INFO, LOG.name):
        client.post("/api/predict", files=[("files", ("Rosalinde.png", flat(51)))])
        client.get("/api/runs/Rosalinde/predictions?model=Rosalinde")
        client.get("/Rosalinde")
    assert "POST /api/predict 200" in caplog.text
    assert "GET /api/runs/{name}/predictions 404" in caplog.text
    assert "Rosalinde" not in caplog.text + client.get("/metrics").text
