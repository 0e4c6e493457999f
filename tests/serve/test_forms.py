"""Bodies: what a form may hold, and what is said where it holds something else."""

import asyncio
import gc
import tracemalloc

import pytest
from helpers.dicoms import chest, dataset, written
from helpers.uploads import client_of, files, flat, is_problem
from starlette.requests import Request

from hilum.serve.forms import UploadBudget, form_of
from hilum.serve.problems import Problem
from hilum.serve.settings import Caps

PICTURE = flat(51)
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


def body(*parts, end=b"--b--\r\n"):
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end


def part(disposition, data=PICTURE):
    return f"Content-Disposition: {disposition}\r\n\r\n".encode() + data


FILE = part('form-data; name="files"; filename="a.png"')


def send(client, content, headers=BOUNDARY):
    return client.post("/api/predict", content=content, headers=headers)


def test_a_form_written_by_hand_is_read(client):
    rows = send(client, body(FILE, part('form-data; name="window"', b"lung"))).json()["rows"]
    assert [(row["path"], row["decision"]) for row in rows] == [("a.png", "class")]
    plain = part("form-data; filename=b.png; name=files")
    assert send(client, body(plain)).json()["rows"][0]["path"] == "b.png"


def test_a_body_that_comes_in_pieces_of_one_byte_is_read(client):
    content = body(FILE)
    response = send(client, (content[i : i + 1] for i in range(len(content))))
    assert response.json()["rows"][0]["decision"] == "class"


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 415),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (PICTURE, {"Content-Type": "image/png"}, 415),
        (b"files=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"x", {"Content-Type": "multipart/mixed; boundary=b"}, 415),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
        (b"x", {"Content-Type": "multipart/form-data; boundary=" + "b" * 71}, 400),
        (b"", BOUNDARY, 400),
        (b"no boundary at all", BOUNDARY, 400),
        (body(FILE, end=b""), BOUNDARY, 400),
        (body(FILE)[:-60], BOUNDARY, 400),
        (body(b"no header\r\n\r\nx"), BOUNDARY, 400),
        (body(b"Content-Type: image/png\r\n\r\n" + PICTURE), BOUNDARY, 400),
        (body(part('attachment; name="files"; filename="a.png"')), BOUNDARY, 400),
        (body(b"A: " + b"b" * 9000 + b"\r\n" + FILE), BOUNDARY, 400),
        (body(b"A: b\r\n" * 50 + FILE), BOUNDARY, 400),
        (body(), BOUNDARY, 422),
        (body(part('form-data; name="window"', b"lung")), BOUNDARY, 422),
        (body(part('form-data; name="files"')), BOUNDARY, 422),
        (body(FILE, part('form-data; name="windw"', b"lung")), BOUNDARY, 422),
        (body(FILE, part('form-data; name="file"; filename="a.png"')), BOUNDARY, 422),
        (body(FILE, part('form-data; name="window"; filename="a"', b"lung")), BOUNDARY, 422),
        (body(FILE, *[part('form-data; name="window"', b"lung")] * 2), BOUNDARY, 422),
        (body(FILE, part('form-data; name="window"', b"x" * 5000)), BOUNDARY, 413),
    ],
)
def test_what_is_no_form_of_files_is_a_problem(client, content, headers, status):
    assert is_problem(send(client, content, headers), status)


@pytest.fixture(scope="module")
def narrow(tiny_model):
    with client_of(tiny_model, caps=Caps(files=2, bytes=2000, total_bytes=1500)) as client:
        yield client


def test_too_many_files(narrow):
    assert narrow.post("/api/predict", files=files(a=PICTURE, b=PICTURE)).status_code == 200
    response = narrow.post("/api/predict", files=files(a=PICTURE, b=PICTURE, c=PICTURE))
    assert is_problem(response, 413)
    assert "2 files" in response.json()["detail"]
    assert is_problem(narrow.post("/api/explain", files=files(a=PICTURE, b=PICTURE)), 413)


def test_too_many_bytes_said_beforehand_or_not(narrow):
    large = body(part('form-data; name="files"; filename="a.png"', bytes(3000)))
    assert is_problem(send(narrow, large), 413)
    assert is_problem(send(narrow, (large[i : i + 100] for i in range(0, len(large), 100))), 413)


def test_more_than_the_server_holds_is_to_be_tried_again(narrow):
    response = send(narrow, body(part('form-data; name="files"; filename="a.png"', bytes(1700))))
    assert is_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    assert send(narrow, body(FILE)).status_code == 200  # what was refused is held no longer


def test_too_many_slices(tiny_model):
    many = written(dataset(*(chest(seed, 16, 16) for seed in range(10))))
    with client_of(tiny_model, caps=Caps(n_slices=15)) as client:
        assert client.post("/api/predict", files=files(a=many)).status_code == 200
        assert is_problem(client.post("/api/predict", files=files(a=many, b=many)), 413)
        assert client.post("/api/predict", files=files(a=many)).status_code == 200


def test_held_bytes_are_counted():
    budget = UploadBudget(10)
    budget.take(6)
    with pytest.raises(Problem):
        budget.take(5)
    budget.give(6)
    budget.take(10)
    assert budget.bytes == 10


async def read(content, caps, budget, use=lambda form: None, size=2**16):
    """Reads a body that comes in pieces, and uses its form."""
    starts = iter(range(0, len(content), size))

    async def receive():
        start = next(starts)
        piece = content[start : start + size]
        return {"type": "http.request", "body": piece, "more_body": start + size < len(content)}

    headers = [(name.lower().encode(), value.encode()) for name, value in BOUNDARY.items()]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    async with form_of(request, caps, budget, ["window"]) as form:
        use(form)
    return form


LARGE = part('form-data; name="files"; filename="a.png"', bytes(5_000_000))


def fails(form):
    raise ValueError(len(form.files))


@pytest.mark.parametrize(
    ("content", "use", "caps"),
    [
        (body(LARGE, LARGE), lambda form: None, Caps()),
        (body(LARGE, LARGE), fails, Caps()),
        (body(LARGE, LARGE), lambda form: None, Caps(files=1)),
        (body(LARGE, LARGE), lambda form: None, Caps(bytes=8_000_000)),
        (body(LARGE, LARGE, end=b""), lambda form: None, Caps()),
        (body(LARGE, part('form-data; name="windw"', b"lung")), lambda form: None, Caps()),
    ],
    ids=["answered", "error", "files", "bytes", "cut", "field"],
)
def test_bytes_go_when_the_form_does_whoever_still_has_it(content, use, caps):
    """Without the collector, and with forms and errors (and so what was going on) kept."""
    budget, kept = UploadBudget(2**30), []
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(3):
            try:
                kept.append(asyncio.run(read(content, caps, budget, use)))
            except (Problem, ValueError) as error:
                kept.append(error)
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert len(kept) == 3
    assert budget.bytes == 0
    assert left < 1_000_000


def test_the_bytes_of_a_form_are_those_that_were_sent():
    sent = [bytes([number]) * 100_000 for number in range(3)]
    content = body(*(part(f'form-data; name="files"; filename="{number}"', one) for number, one in enumerate(sent)))
    seen, budget = [], UploadBudget(2**30)

    def use(form):
        seen.extend((upload.name, bytes(upload.data)) for upload in form.files)
        assert budget.bytes == len(content)

    asyncio.run(read(content, Caps(), budget, use, 1000))
    assert seen == [(str(number), one) for number, one in enumerate(sent)]
