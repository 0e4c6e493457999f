"""The page at /docs: the OpenAPI description for reading, made here, so that it needs no script and no other site."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

STYLE = Path(__file__).parent / "pages" / "docs.css"

Described = Mapping[str, Any]


def docs_page(description: Described) -> str:
    """An OpenAPI description as one page of HTML."""
    info = description["info"]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}: API</title>",
            '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">',  # else a browser asks for /favicon.ico
            '<link rel="stylesheet" href="/docs.css"></head><body><main>',
            f"<h1>{escape(info['title'])}: API</h1><p>{escape(info['description'])}</p>",
            '<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>',
            *(
                _operation(method, path, operation)
                for path, operations in description["paths"].items()
                for method, operation in operations.items()
            ),
            "<h2>What is given</h2>",
            *(_schema(name, schema) for name, schema in description["components"]["schemas"].items()),
            "</main></body></html>",
        ]
    )


def _operation(method: str, path: str, operation: Described) -> str:
    rows = [
        (one["name"], one["in"], one["schema"], one.get("description", ""), one.get("required"))
        for one in operation.get("parameters", ())
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        needed = content["schema"].get("required", ())
        for name, schema in content["schema"].get("properties", {}).items():
            rows.append((name, kind, schema, schema.get("description", ""), name in needed))
    answers = ", ".join(
        f"{escape(status)}: {_type(content.get('schema', {}), kind)}"
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
    )
    table = "".join(
        f"<tr><th scope='row'><code>{escape(name)}</code></th><td>{escape(place)}</td><td>{_type(schema)}</td>"
        f"<td>{'needed. ' if needed else ''}{escape(words)}</td></tr>"
        for name, place, schema, words, needed in rows
    )
    return (
        f"<section><h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
        + (_table(f"Takes: {method.upper()} {path}", table) if table else "")
        + f"<p>Answers {answers}.</p></section>"
    )


def _schema(name: str, schema: Described) -> str:
    rows = "".join(
        f"<tr><th scope='row'><code>{escape(field)}</code></th><td>{_type(of)}</td>"
        f"<td>{escape(of.get('description', ''))}</td></tr>"
        for field, of in schema.get("properties", {}).items()
    )
    return (
        f"<section id='{escape(name)}'><h3>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>"
        f"{_table(name, rows)}</section>"
    )


def _table(name: str, rows: str) -> str:
    """A table that scrolls by itself where it is too wide, by keyboard too."""
    return f"<div class='scroll' tabindex='0' role='region' aria-label='{escape(name)}'><table>{rows}</table></div>"


def _type(schema: Described, otherwise: str = "anything") -> str:
    return " or ".join(_types(schema)) or f"<code>{escape(otherwise)}</code>"


def _types(schema: Described) -> Iterator[str]:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        yield f"<a href='#{name}'>{name}</a>"
    for one in schema.get("anyOf", ()):
        yield from _types(one)
    if "enum" in schema or "const" in schema:
        yield ", ".join(f"<code>{escape(str(value))}</code>" for value in schema.get("enum", [schema.get("const")]))
    elif schema.get("type") == "array":
        yield f"list of {_type(schema.get('items', {}))}"
    elif isinstance(schema.get("additionalProperties"), dict):
        yield f"by name: {_type(schema['additionalProperties'])}"
    elif "type" in schema:
        yield escape(str(schema["type"]))
