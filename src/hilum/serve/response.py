"""Answers of the API as JSON."""

from typing import Any

from starlette.responses import JSONResponse

from hilum.text import plain_data


class Answer(JSONResponse):
    """JSON in UTF-8; what UTF-8 cannot hold, such as the bytes of a file name, is spelt out."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - JSON
        """The body."""
        return super().render(plain_data(content))
