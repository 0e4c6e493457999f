"""What tests of jobs stand on: settings, rows, and a bucket on a server of this machine."""

import logging
import os
import sys
import tempfile
from pathlib import Path

import pytest
from helpers.jobs import settings
from helpers.ray_nodes import RayNodes

from hilum.cluster.folder_store import FolderStore


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def store(out):
    return FolderStore(out)


@pytest.fixture
def record():
    return settings()


@pytest.fixture
def short():
    """A folder with a short path, which only one test uses for what Ray writes."""
    with tempfile.TemporaryDirectory(prefix="hr-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def s3_server():
    """The address of an S3 server with the bucket `mine`."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def bucket(s3_server):
    """The address of a bucket, `s3://mine`; the environment variables that it needs are set."""
    import boto3

    variables = {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="mine")
        yield "s3://mine"


@pytest.fixture
def prefix(bucket, request):
    """A place in the bucket of one test."""
    return f"{bucket}/{request.node.name.replace('[', '-').rstrip(']')}"


@pytest.fixture(scope="module")
def ray_nodes():
    """A Ray cluster of which a module's tests lose nodes and let others join."""
    if sys.platform != "linux":
        pytest.skip("only Linux has the addresses 127.0.0.2 and so on")
    with RayNodes() as nodes:
        yield nodes
