"""Answers of the API as JSON."""

from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse

from hilum.text import plain_data


class Answer(JSONResponse):
    """JSON in UTF-8; what UTF-8 cannot hold, such as the bytes of a file name, is spelt out."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - JSON
        """The body, of a model without the fields that do not apply."""
        if isinstance(content, BaseModel):
            content = content.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return super().render(plain_data(content))
