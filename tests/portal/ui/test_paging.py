import pytest
from django.test import RequestFactory

from portal.ui.paging import page_of

ROWS = list(range(95))


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("2", 2),
        ("02", 2),
        ("", 1),
        ("0", 1),
        ("-1", 1),
        ("abc", 1),
        ("1.5", 1),
        ("٣", 1),
        ("²", 1),
        ("999999", 10),
        ("9" * 5000, 10),
        ("1_0", 1),
        (" 2", 1),
        ("last", 1),
        ("\x00", 1),
    ],
)
def test_page_number_never_ends_in_an_error(asked, number):
    page = page_of(RequestFactory().get("/", {"page": asked}), ROWS, size=10)
    assert page.number == number
    assert list(page) == ROWS[(number - 1) * 10 : number * 10]


def test_empty_list_is_one_page():
    page = page_of(RequestFactory().get("/", {"page": "7"}), [], size=10)
    assert (page.number, list(page)) == (1, [])
