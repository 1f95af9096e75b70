"""Pages of a list. A page number somebody typed or shared never ends in an error."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], *, size: int = PAGE_SIZE) -> Page[Any]:
    """The page that `?page=` asks for: nonsense gives the first page, a number past the end the last one.

    Costs two queries on a queryset, whatever the size: the count and the rows. The queryset needs an order.
    """
    return page_at(request.GET.get("page", ""), rows, size=size)


def page_at(typed: str, rows: QuerySet[Any] | Sequence[Any], *, size: int = PAGE_SIZE) -> Page[Any]:
    """The same for who has no request at hand; `typed` is what stood in `?page=`."""
    pages = Paginator(rows, size)
    return pages.page(number_of(typed, last=pages.num_pages))


def number_of(typed: str, *, last: int) -> int:
    """Bounded before `int` sees it: Python refuses to read more than 4,300 digits, and reads ٣ as 3."""
    if not (typed.isascii() and typed.isdigit()):
        return 1
    if len(typed) > 9:
        return last
    return max(1, min(int(typed), last))
