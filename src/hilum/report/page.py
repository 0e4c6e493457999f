"""Makes one self-contained page from a template; it loads nothing from elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hilum.html import data_uri
from hilum.outputs import write_text
from hilum.records.figures import likeness_text
from hilum.report.words import interval, number, plural, readable, versions_line, warnings_of

Pictures = Callable[[str], bytes | None]


def environment(package: str, *, autoescape: bool) -> Environment:
    """The Jinja environment for the templates of a package."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number=number, plural=plural, readable=readable, interval=interval, data_uri=data_uri)
    made.filters.update(versions=versions_line, warnings=warnings_of, likeness=likeness_text)
    return made


def page_of(template: str, **values: Any) -> str:  # noqa: ANN401 (what the template asks for)
    """The page of a template.

    Args:
        template: File name of the template.
        **values: Values of the names in the template.
    """
    return environment("hilum.report", autoescape=True).get_template(template).render(**values)


def write_page(template: str, path: Path, **values: Any) -> Path:  # noqa: ANN401 (as above)
    """Writes the page of a template to a path, which is returned."""
    write_text(path, page_of(template, **values))
    return path
