"""The routes of the model: its facts, predictions and explanations."""

from collections.abc import Mapping

from fastapi import APIRouter, Request

from hilum.serve import schemas
from hilum.serve.about import about
from hilum.serve.explaining import explain, methods_of
from hilum.serve.forms import cancel_on_disconnect, form_of
from hilum.serve.predicting import predict
from hilum.serve.problems import Problem
from hilum.serve.response import Answer
from hilum.serve.serving import Serving
from hilum.slices.windows import WINDOWS

_WINDOW, _METHOD, _FRAME = "window", "method", "frame"


def model_routes(serving: Serving) -> APIRouter:
    """Creates the routes of the model."""
    router, caps = APIRouter(prefix="/api", tags=["model"]), serving.settings.caps

    @router.get("/model", response_model=schemas.Model)
    async def model() -> Answer:
        """The model: its classes, thresholds and scores, and the limits of a request."""
        served = serving.served
        return Answer(about(served.facts, methods_of(served), caps))

    @router.post("/predict", response_model=schemas.Prediction, openapi_extra=schemas.posting(caps.files))
    async def predict_files(request: Request) -> Answer:
        """Predictions on PNG, JPEG or DICOM files, one row per slice. An unreadable file also gets a row."""
        served = serving.served
        async with form_of(request, caps, serving.budget, [_WINDOW]) as form:
            window = _window(form.fields, served.facts.preparation.window)
            return Answer(await cancel_on_disconnect(request, predict(served, form.files, window)))

    @router.post(
        "/explain",
        response_model=schemas.Explanation,
        openapi_extra=schemas.posting(
            1,
            method={"type": "string", "description": "Map method, one of those of the model; by default its first."},
            frame={
                "type": "integer",
                "minimum": 1,
                "description": "Frame number (1-based) in a multi-frame file; by default the first.",
            },
        ),
    )
    async def explain_file(request: Request) -> Answer:
        """Explains the prediction on one slice with maps and the nearest training slices."""
        served = serving.served
        async with form_of(request, caps, serving.budget, [_WINDOW, _METHOD, _FRAME], most=1) as form:
            window = _window(form.fields, served.facts.preparation.window)
            methods = methods_of(served)
            method = form.fields.get(_METHOD, methods[0])
            if method not in methods:
                raise Problem(422, f"The method must be one of {', '.join(methods)}.")
            number = _number(form.fields)
            return Answer(await cancel_on_disconnect(request, explain(served, form.files[0], window, method, number)))

    return router


def _window(fields: Mapping[str, str], otherwise: str) -> str:
    window = fields.get(_WINDOW, otherwise)
    if window not in WINDOWS:
        raise Problem(422, f"The window must be one of {', '.join(WINDOWS)}.")
    return window


def _number(fields: Mapping[str, str]) -> int | None:
    text = fields.get(_FRAME)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and int(text) >= 1):
        raise Problem(422, "The frame must be a whole number from 1 on.")
    return int(text)
