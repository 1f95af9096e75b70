"""The versions of schemes: list, one version, its workbook, and two versions side by side."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from institutions.access import acting_as
from institutions.roles import Permission
from portal.ui.paging import page_of
from reports.rounds.models import Round
from reports.schemes.columns import SHEETS
from reports.schemes.comparison import Comparison, compare
from reports.schemes.definition import pick
from reports.schemes.models import Scheme
from reports.schemes.renaming import mapping_of
from reports.schemes.workbook import workbook_bytes
from reports.versions import rules
from reports.versions.pages import attached, find_scheme, reads, slug_of
from reports.versions.standing import standing_of


@require_safe
@reads
def scheme_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    rounds = Prefetch("rounds", Round.objects.visible_to(membership).order_by("-period", "kind"))
    schemes = (
        Scheme.objects.visible_to(membership)
        .select_related("base")
        .defer("content", "base__content")
        .prefetch_related(rounds)
        .order_by("-year", "code", "-version")
    )
    context = {
        "page": page_of(request, schemes),
        "makes": membership.may(Permission.MANAGE_SCHEMES),
        "may_make": rules.can_make(membership),
    }
    return render(request, "versions/scheme_list.html", context)


@require_safe
@reads
def scheme_detail(request: HttpRequest, code: str, version: int) -> HttpResponse:
    return detail_page(request, find_scheme(request, code, version))


def detail_page(request: HttpRequest, scheme: Scheme, *, refusal: str = "", status: int = 200) -> HttpResponse:
    membership = acting_as(request)
    makes = membership.may(Permission.MANAGE_SCHEMES)
    standing = standing_of(scheme)
    unmapped = []
    if makes and scheme.base is not None and not scheme.is_published:
        mapped = mapping_of(scheme.base.content, scheme.content)
        unmapped = [one for one in mapped.gone if one.old["code"] not in mapped.chosen]
    context = {
        "scheme": scheme,
        "makes": makes,
        "standing": standing,
        "comparison": compare(scheme.base.content, scheme.content) if scheme.base else None,
        "unmapped": unmapped,
        "tables": tables_of(scheme),
        "rounds": list(Round.objects.visible_to(membership).filter(scheme=scheme).distinct()),
        "uploads": list(scheme.uploads.select_related("by__user").defer("places")[:10]) if makes else [],
        "may_change": rules.can_change(membership, scheme),
        "may_publish": rules.can_publish(membership, scheme, len(standing.faults)),
        "refusal": refusal,
    }
    return render(request, "versions/scheme_detail.html", context, status=status)


def tables_of(scheme: Scheme) -> list[dict[str, object]]:
    """Of the content, faulty as it may be: code, names, kind and how many indicators and checks."""
    content = scheme.content
    found = []
    for row in content.get("tables", ()):
        code = str(row.get("code", ""))
        found.append(
            {
                "code": code,
                "name": pick(str(row.get("name_zh", "")), str(row.get("name_en", ""))),
                "indicators": sum(1 for one in content.get("indicators", ()) if one.get("table") == code),
                "checks": len({one.get("code") for one in content.get("checks", ()) if one.get("table") == code}),
            }
        )
    return found


@require_safe
@reads
def scheme_workbook(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """The version to look at and to edit in a spreadsheet program."""
    scheme = find_scheme(request, code, version)
    return attached(workbook_bytes(scheme.content), f"{scheme.code}-v{scheme.version}.xlsx")


@require_safe
@reads
def scheme_compare(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """`?with=` names the other version, by default the one this was made from; `?sheet=` shows one sheet alone."""
    scheme = find_scheme(request, code, version)
    others = list(
        Scheme.objects.visible_to(acting_as(request))
        .exclude(pk=scheme.pk)
        .defer("content")
        .order_by("-year", "code", "-version")
    )
    other = _other(request.GET.get("with", ""), scheme, others)
    sheet = request.GET.get("sheet", "")
    comparison = compare(other.content, scheme.content) if other is not None else None
    context = {
        "scheme": scheme,
        "other": other,
        "others": [(one, slug_of(one)) for one in others],
        "asked": slug_of(other) if other else "",
        "sections": comparison.sections if comparison else (),
        "shown": _shown(comparison, sheet),
        "sheet": sheet if sheet in SHEETS else "",
        "total": comparison.total if comparison else 0,
    }
    return render(request, "versions/scheme_compare.html", context)


def _other(asked: str, scheme: Scheme, others: list[Scheme]) -> Scheme | None:
    if not asked:
        return scheme.base or next((one for one in others if one.is_published), None)
    for one in others:
        if slug_of(one) == asked:
            return one
    raise Http404


def _shown(comparison: Comparison | None, sheet: str) -> list[object]:
    if comparison is None:
        return []
    return [one for one in comparison.sections if one.changes and sheet in ("", one.sheet)]
