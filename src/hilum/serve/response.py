"""JSON responses of the API."""

from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse

from hilum.text import plain_data


class Answer(JSONResponse):
    """A JSON response in UTF-8. Bytes that are not UTF-8, such as in file names, are escaped."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - JSON
        """The body. Fields of a model that were not set are left out."""
        if isinstance(content, BaseModel):
            content = content.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return super().render(plain_data(content))
