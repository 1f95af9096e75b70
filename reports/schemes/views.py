"""Help: the tables, items and checks of a published scheme, open to everyone, and the scheme as a workbook."""

from __future__ import annotations

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from institutions.helplines.queries import whom_to_ask
from institutions.roles import Permission
from reports.schemes.definition import ANNUAL, DERIVED, NUMBERS, REPORT, SEVERITIES
from reports.schemes.failures import OWN_CHECKS
from reports.schemes.helptexts import CheckCard, cards, condition_words, item_help, search, table_helps
from reports.schemes.models import Scheme
from reports.schemes.workbook import workbook_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _schemes(request: HttpRequest) -> tuple[list[Scheme], Scheme | None]:
    """All published versions and the one asked for by `?scheme=`, by default the newest."""
    schemes = list(Scheme.objects.published().defer("content"))
    asked = request.GET.get("scheme", "")
    if not asked:
        return schemes, schemes[0] if schemes else None
    for scheme in schemes:
        if f"{scheme.code}-{scheme.version}" == asked:
            return schemes, scheme
    raise Http404


def _scheme(request: HttpRequest) -> Scheme:
    scheme = _schemes(request)[1]
    if scheme is None:
        raise Http404
    return scheme


def _has_changes(request: HttpRequest, scheme: Scheme) -> bool:
    """Whether there is a version before, and the reader may look at both."""
    membership = getattr(request, "membership", None)
    if scheme.base_id is None:
        return False
    return Scheme.objects.visible_to(membership).filter(pk__in=(scheme.base_id, scheme.pk)).count() == 2


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    schemes, scheme = _schemes(request)
    membership = getattr(request, "membership", None)
    context: dict[str, object] = {
        "schemes": schemes,
        "scheme": scheme,
        "ask": whom_to_ask(membership),
        "keeps_lines": membership is not None
        and (membership.may(Permission.READ_INSTITUTIONS) or membership.may(Permission.MANAGE_ACCOUNTS)),
    }
    word = request.GET.get("q", "").strip()[:60]
    if scheme is not None:
        definition = scheme.definition
        context |= {
            "word": word,
            "found": search(definition, word) if word else None,
            "annual": table_helps(definition, ANNUAL),
            "others": table_helps(definition, REPORT, NUMBERS),
            "derived": table_helps(definition, DERIVED),
            "check_count": len({check.code for check in definition.checks}),
            "changes": _has_changes(request, scheme),
        }
    return render(request, "schemes/help_index.html", context)


@require_safe
def table_help(request: HttpRequest, code: str) -> HttpResponse:
    scheme = _scheme(request)
    table = scheme.definition.table_by_code.get(code)
    if table is None:
        raise Http404
    groups = [(heading, [item_help(scheme.definition, item) for item in items]) for heading, items in table.groups()]
    applies_when = condition_words(scheme.definition, table.applies_when) if table.applies_when else ""
    context = {"scheme": scheme, "table": table, "applies_when": applies_when, "groups": groups}
    return render(request, "schemes/table_help.html", context)


@require_safe
def check_help(request: HttpRequest) -> HttpResponse:
    scheme = _scheme(request)
    word = request.GET.get("q", "").strip()[:60]
    severity = request.GET.get("severity", "")
    found = [card for card in cards(scheme.definition.checks) if not word or card.speaks_of(word)]
    if severity in SEVERITIES:
        found = [card for card in found if card.first.severity == severity]
    context = {"scheme": scheme, "cards": found, "own": OWN_CHECKS, "word": word, "severity": severity}
    return render(request, "schemes/check_help.html", context)


@require_safe
def check_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The rule card of one check; with HX-Request the card alone."""
    scheme = _scheme(request)
    checks = tuple(check for check in (*scheme.definition.checks, *OWN_CHECKS) if check.code == code)
    if not checks:
        raise Http404
    alone = request.headers.get("HX-Request") == "true"
    template = "schemes/_check.html" if alone else "schemes/check_detail.html"
    card = CheckCard(code, checks)
    items = [scheme.definition.indicator(one) for one in card.cells if one in scheme.definition.indicator_by_code]
    response = render(request, template, {"scheme": scheme, "card": card, "items": items})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def indicator_help(request: HttpRequest, code: str) -> HttpResponse:
    """The card of one item; with HX-Request the card alone."""
    scheme = _scheme(request)
    item = scheme.definition.indicator_by_code.get(code)
    if item is None:
        raise Http404
    alone = request.headers.get("HX-Request") == "true"
    template = "schemes/_indicator.html" if alone else "schemes/indicator_help.html"
    context = {
        "scheme": scheme,
        "table": scheme.definition.table(item.table),
        "help": item_help(scheme.definition, item),
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def scheme_download(request: HttpRequest) -> HttpResponse:
    scheme = _scheme(request)
    response = HttpResponse(_workbook(scheme.pk, scheme.digest), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{scheme.code}-v{scheme.version}.xlsx"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@lru_cache(maxsize=2)
def _workbook(pk: int, digest: str) -> bytes:
    """A published scheme never changes, so neither does its workbook."""
    return workbook_bytes(Scheme.objects.values_list("content", flat=True).get(pk=pk, digest=digest))
