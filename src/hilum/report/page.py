"""One self-contained page from a template: it loads nothing from elsewhere."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hilum.outputs import write_text
from hilum.report.words import interval, number, plural, readable

Pictures = Callable[[str], bytes | None]


def write_page(template: str, path: Path, **values: Any) -> Path:  # noqa: ANN401 (what the template asks for)
    """Fill a template and write the page.

    Args:
        template: The template's file name.
        path: Where the page goes.
        **values: What the template names.

    Returns:
        The path.
    """
    environment = Environment(
        loader=PackageLoader("hilum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, plural=plural, readable=readable, data_uri=_data_uri, interval=interval)
    page = environment.get_template(template).render(**values)
    write_text(path, page)
    return path


def _data_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
