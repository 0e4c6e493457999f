"""The application of `hilum serve` and its routes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from hilum.errors import HilumError
from hilum.model.reader import Reader
from hilum.serve import schemas
from hilum.serve.guard import Guard
from hilum.serve.meters import Meters
from hilum.serve.model_routes import model_routes
from hilum.serve.problems import on_problem
from hilum.serve.response import Answer
from hilum.serve.run_routes import run_routes
from hilum.serve.serving import Serving
from hilum.serve.settings import Settings
from hilum.versions import __version__

STATIC = Path(__file__).parent / "static"
_DESCRIPTION = (
    "Predictions of a trained model on chest CT slices, on this machine. Research use only. "
    "Every POST needs the header X-Requested-With: hilum."
)


def create_app(reader: Reader | None, settings: Settings, started: Callable[[], None] = lambda: None) -> Guard:
    """Creates the application, with its guard and its lifespan.

    Args:
        reader: The model, or None to serve runs only.
        settings: Settings of the server.
        started: Called once, when the server accepts requests.
    """
    meters = Meters()
    serving = Serving(reader, settings, meters)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await serving.start()
        started()
        try:
            yield
        finally:
            await serving.close()

    app = FastAPI(
        title="hilum",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the address
        responses=schemas.PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
    )
    for kind in (HilumError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, on_problem)
    app.include_router(model_routes(serving))
    app.include_router(run_routes(serving))

    @app.get("/healthz", response_model=schemas.Health, tags=["server"])
    async def healthz() -> Answer:
        """Whether the server is up, whether it has a model and runs, and whether it needs a token."""
        served = {"model": reader is not None, "runs": settings.runs is not None}
        return Answer({"status": "ok", **served, "token": settings.access.token is not None})

    @app.get("/metrics", response_class=Response, tags=["server"])
    async def metrics() -> Response:
        """Metrics in the text format of Prometheus."""
        return Response(meters.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), "static")
    app.openapi()["components"]["schemas"]["Problem"] = schemas.Problem.model_json_schema()
    return Guard(app, settings, meters)
