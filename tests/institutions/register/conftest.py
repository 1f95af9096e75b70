"""Registers as files, taken through comparison and application without a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from institutions.models import Membership
from institutions.register import actions, tasks
from institutions.register.models import RegisterImport
from portal.jobs.models import Job
from portal.jobs.progress import Silent

HEAD = (
    "机构名称", "统一社会信用代码", "属地监管部门", "地址", "联系电话", "证书编号", "发证日期", "有效期至", "发证机关",
    "是否独立法人", "所属法人代码",
)  # fmt: skip

Line = Sequence[Any]


def line(name: str, uscc: str, number: str = "", **cells: str) -> list[str]:
    """A line in the order of HEAD."""
    told = {
        "bureau": "鼓楼区市场监督管理局", "address": "", "phone": "", "issued": "2022-03-01", "expires": "2028-02-29",
        "issuer": "福建省市场监督管理局", "legal": "", "parent": "", **cells,
    }  # fmt: skip
    dates = [told["issued"], told["expires"], told["issuer"]] if number else ["", "", ""]
    return [name, uscc, told["bureau"], told["address"], told["phone"], number, *dates, told["legal"], told["parent"]]


def csv(lines: Sequence[Line], head: Sequence[str] = HEAD) -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in (head, *lines)).encode()


def xlsx(lines: Sequence[Line], head: Sequence[Any] = HEAD, above: Sequence[Line] = ()) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (*above, head, *lines):
        book.active.append(list(row))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def send(content: bytes, by: Membership, name: str = "证书名录.csv") -> RegisterImport:
    return actions.receive(chunks=[content], name=name, by=by)


def fresh(imported: RegisterImport) -> RegisterImport:
    return RegisterImport.objects.select_related("bureau", "by__user").get(pk=imported.pk)


def run_job(imported: RegisterImport) -> RegisterImport:
    """The import's job, as the worker would do it."""
    job = Job.objects.get(pk=imported.job_id)
    {"register.compare": tasks.compare, "register.apply": tasks.apply}[job.kind](job, Silent())
    return fresh(imported)


def compared(content: bytes, by: Membership, name: str = "证书名录.csv") -> RegisterImport:
    imported = send(content, by, name)
    return run_job(actions.match_columns(imported=imported, columns=imported.columns, by=by))


def applied(content: bytes, by: Membership) -> RegisterImport:
    imported = compared(content, by)
    return run_job(actions.apply_import(imported=imported, by=by))


def outcomes(imported: RegisterImport) -> list[tuple[int, str, str]]:
    """(row, outcome, code of the fault) for each line."""
    return [(one.row, one.outcome, one.fault.split("|")[0]) for one in imported.lines.order_by("row")]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


Importing = Callable[[bytes, Membership], RegisterImport]
