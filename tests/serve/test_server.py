"""A server as a process: connections that are slow or no HTTP, and processes that are killed under it."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from helpers.uploads import OURS, children, fetched, files, flat, is_problem, server_of

from hilum.errors import HilumError
from hilum.serve.guard import LARGEST_HEAD
from hilum.serve.server import address_of, listen

PICTURE = flat(51)
END = b"\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(tiny_model):
    with server_of(tiny_model) as found:
        yield found


@pytest.fixture(scope="module")
def address(server):
    return server[0]


@pytest.fixture(scope="module")
def hasty(tiny_model):
    """The address of a server that gives slow clients little time; on a busy machine quick ones are slow to it too."""
    with server_of(tiny_model, stall_seconds=0.5, head_seconds=0.5) as (address, _):
        yield address


def raw(address, data, more=b""):
    """What a server says to bytes, until it closes the connection."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), 20) as connection:
        connection.sendall(data)
        if more:
            connection.sendall(more)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_it_answers(address):
    response = httpx.post(f"{address}api/predict", files=files(a=PICTURE), headers=OURS)
    assert response.json()["rows"][0]["decision"] == "class"
    assert "server" not in response.headers


def test_many_clients_get_each_their_own_answer(address):
    """8 clients, 54 requests: the tiny model's answer tells one level of grey from another."""
    levels = list(range(40, 200, 3))

    def answered(level):
        response = httpx.post(f"{address}api/predict", files=files(a=flat(level)), headers=OURS, timeout=60)
        return response.json()["rows"][0]["outlier_score"]

    with ThreadPoolExecutor(8) as clients:
        scores = list(clients.map(answered, levels))
    assert scores == pytest.approx([abs(level / 255 - 0.5) for level in levels], abs=1e-5)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 2 * LARGEST_HEAD,
        b"GET /" + b"x" * 2 * LARGEST_HEAD,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * LARGEST_HEAD,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * LARGEST_HEAD + END,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 7 * LARGEST_HEAD + END,
        b"GET /" + b"x" * LARGEST_HEAD + b" HTTP/1.1\r\nHost: localhost" + END,
        b"GET /?" + b"x" * LARGEST_HEAD + b" HTTP/1.1\r\nHost: localhost" + END,
        b"GET / HTTP/1.1\r\nHost: localhost" + b"\r\nA: b" * 5000 + END,
        b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nA: " + b"x" * LARGEST_HEAD + END,
        b"no http at all\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
    ],
    ids=lambda head: repr(head[:60]),
)
def test_what_is_no_http_or_has_huge_headers_gets_a_problem(address, head):
    answer = raw(address, head)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 400


def test_headers_up_to_the_limit_are_read(address):
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * (LARGEST_HEAD - 200) + END
    assert raw(address, head).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("head", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_connection_that_never_asks_is_closed(hasty, head):
    assert raw(hasty, head) == b""


def test_a_slow_upload_is_ended_and_said_so(hasty):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    head = (
        b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nX-Requested-With: hilum\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n"
    )
    answer = raw(hasty, head, body)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408


def test_an_upload_that_trickles_is_ended_too(hasty):
    """A byte now and then keeps a connection from standing still, and is no upload."""
    head = (
        b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nX-Requested-With: hilum\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 500000\r\n\r\n"
    )
    parts = urlsplit(hasty)
    with socket.create_connection((parts.hostname, parts.port), 20) as connection:
        connection.sendall(head + b"--b\r\n")
        connection.settimeout(0.05)
        answer = b""
        for letter in b'Content-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + bytes(400):
            try:
                connection.sendall(bytes([letter]))
                if answer := connection.recv(65536):
                    break
            except TimeoutError:
                pass
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_goes_away_in_the_middle_harms_nobody(address):
    parts = urlsplit(address)
    for _ in range(3):
        with socket.create_connection((parts.hostname, parts.port), 20) as connection:
            connection.sendall(b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nX-Requested-With: hilum\r\n")
            connection.sendall(b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n--b")
    assert httpx.post(f"{address}api/predict", files=files(a=PICTURE), headers=OURS).status_code == 200


def test_what_still_comes_after_an_answer_is_ended(hasty):
    parts = urlsplit(hasty)
    with socket.create_connection((parts.hostname, parts.port), 20) as connection:
        connection.sendall(b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 403 ")
        ended = False
        for _ in range(200):
            try:
                connection.sendall(b"x")
            except OSError:  # reset or broken pipe, as it happens
                ended = True
                break
            time.sleep(0.05)
    assert ended


def test_work_for_a_client_that_has_gone_is_dropped_and_nothing_is_told_of_it(tiny_model):
    large = flat(51, 5000, 5000)
    with server_of(tiny_model) as (address, process):
        parts = urlsplit(address)
        body = httpx.Request("POST", address, files=files(**{f"n{number}": large for number in range(40)}))
        told = "".join(f"{name}: {body.headers[name]}\r\n" for name in ("content-type", "content-length"))
        head = f"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nX-Requested-With: hilum\r\n{told}\r\n"
        with socket.create_connection((parts.hostname, parts.port), 20) as connection:
            connection.sendall(head.encode() + body.read())
            time.sleep(0.3)
        raw(address, b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        lines = []
        while not any(" 499 " in line for line in lines):
            lines.append(process.stderr.readline())
            assert lines[-1]
        assert b"hilum_requests_in_flight 0.0" in fetched(f"{address}metrics")
    assert "Traceback" not in "".join(lines)
    assert "ERROR" not in "".join(lines).upper()


def test_a_connection_is_kept_for_the_next_request(address):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok","model":true,"runs":false,"token":false}'
    connection.close()


def test_a_process_killed_in_the_middle_costs_its_request_at_most(server):
    """The processes below the server are killed again and again while requests with a large picture run."""
    address, process = server
    assert httpx.post(f"{address}api/predict", files=files(a=PICTURE), headers=OURS).status_code == 200
    large, done, killed = flat(51, 3000, 3000), threading.Event(), []

    def kill():
        while not done.wait(0.2):
            for child in children(process):
                os.kill(child, signal.SIGKILL)
                killed.append(child)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        responses = [
            httpx.post(f"{address}api/predict", files=files(a=large), headers=OURS, timeout=60) for _ in range(5)
        ]
    finally:
        done.set()
        killer.join()
    assert killed
    assert {response.status_code for response in responses} == {200}
    assert {response.json()["rows"][0]["decision"] for response in responses} <= {"class", "unreadable"}
    after = httpx.post(f"{address}api/predict", files=files(a=large), headers=OURS, timeout=60)
    while after.json()["rows"][0]["decision"] != "class":  # the last one killed may have been found out just now
        after = httpx.post(f"{address}api/predict", files=files(a=large), headers=OURS, timeout=60)
    assert b"hilum_workers_replaced_total" in fetched(f"{address}metrics")


def test_its_processes_end_with_it(tiny_model):
    with server_of(tiny_model) as (address, process):
        httpx.post(f"{address}api/predict", files=files(a=PICTURE), headers=OURS)
        workers = children(process)
        process.kill()
        process.wait()
        for _ in range(100):
            if not any(_runs(worker) for worker in workers):
                break
            time.sleep(0.1)
        assert workers
        assert not any(_runs(worker) for worker in workers)


def _runs(number):
    try:
        with open(f"/proc/{number}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_its_log_has_no_names(tiny_model):
    with server_of(tiny_model) as (address, process):
        httpx.post(f"{address}api/predict", files=[("files", ("Rosalinde.png", PICTURE))], headers=OURS)
        httpx.get(f"{address}Rosalinde?Rosalinde")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    assert "POST /api/predict 200" in log
    assert "Rosalinde" not in log


def test_a_taken_port_is_said():
    first = listen("127.0.0.1", 0)
    port = first.getsockname()[1]
    with first, pytest.raises(HilumError, match=f"port {port} .*--port"):
        listen("127.0.0.1", port)


def test_where_a_socket_is_found():
    with listen("127.0.0.1", 0) as bound:
        assert address_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}/"
    with listen("0.0.0.0", 0) as bound:
        assert address_of(bound).startswith("http://127.0.0.1:")
    with pytest.raises(HilumError, match="--host"):
        listen("192.0.2.1", 0)


def test_is_problem_tells_a_problem_from_other_answers(address):
    assert is_problem(httpx.get(f"{address}nothing"), 404)
    assert not is_problem(httpx.get(f"{address}healthz"), 200)
