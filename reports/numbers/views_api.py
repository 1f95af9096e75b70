"""The description of the interface as a page: drawn on the server from OpenAPI, without scripts. OpenAPI is English; here the
words are in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from reports.numbers.api import api


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    words: str
    parameters: list[Field]
    bodies: list[str]
    answers: list[tuple[str, str]]  # statuses with one shape, and the shape


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of object; its anchor is its name."""

    name: str
    words: str
    fields: list[Field]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _words(told: dict[str, Any], name: str = "description") -> str:
    """Marked for translation where they stand, in `api` and `api_schemas`."""
    return gettext(told[name]) if told.get(name) else ""


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    parameters = [
        Field(f"{one['name']} ({one['in']})", _kind(one["schema"]), one.get("required", False), _words(one))
        for one in told.get("parameters", [])
    ]
    bodies = []
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        shape = content.get("schema", {})
        bodies.append(f"{kind} {_kind(shape)}" if "$ref" in shape else kind)
    answers: dict[str, list[str]] = {}
    for status, answer in told.get("responses", {}).items():
        shapes = [_kind(content["schema"]) for content in answer.get("content", {}).values() if "schema" in content]
        answers.setdefault(", ".join(shapes), []).append(str(status))
    told_answers = [(", ".join(statuses), shape) for shape, statuses in answers.items()]
    return Operation(method.upper(), path, _words(told, "summary"), _words(told), parameters, bodies, told_answers)


def _shape(name: str, told: dict[str, Any]) -> Shape:
    required = told.get("required", [])
    fields = [
        Field(field, _kind(schema), field in required, _words(schema))
        for field, schema in told.get("properties", {}).items()
    ]
    return Shape(name, _words(told), fields)


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    schema: Any = api.get_openapi_schema()
    operations = [
        _operation(method, path, told) for path, methods in schema["paths"].items() for method, told in methods.items()
    ]
    shapes = [_shape(name, told) for name, told in schema["components"]["schemas"].items()]
    context = {
        "operations": operations,
        "shapes": shapes,
        "limit": settings.NUMBERS_API_A_MINUTE,
        "size": settings.NUMBERS_FILE_MB,
    }
    return render(request, "numbers/api_docs.html", context)
