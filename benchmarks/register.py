"""Importing a register against the bare reading and COPY of the same file. Alone: `python -m benchmarks.register`.

The register is empty before each run: every line is new, which is the most there is to write. Then the same file again,
where nothing is new. The yardstick is the quick reader for every cell and COPY of the same institutions and certificates into
the tables of the register, with their indexes and constraints: what the database needs at least. COPY into a bare table
without any is told beside it.
"""

from __future__ import annotations

import io
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from benchmarks import databases
from benchmarks.numbers import bare_read, calm
from benchmarks.result import Result, against, table

ROUNDS = 3
JUDGED_FROM = 50_000
DATABASE, EMPTY = "bench_register", "bench_register_empty"
HEADINGS = (
    "机构名称", "统一社会信用代码", "属地监管部门", "机构地址", "联系人", "联系电话", "单位类型", "证书类别", "证书编号", "发证机关",
    "发证日期", "有效期至", "证书状态",
)  # fmt: skip
_BARE = """
CREATE TABLE bench_lines (name text, uscc text, bureau text, address text, contact text, phone text, unit_type text, kind text,
                          number text, issuer text, issued date, expires date, status text)
"""
_INSTITUTIONS = """
COPY institutions_institution (id, public_id, uscc, name, home_bureau_id, region_code, address, unit_type, status, contact_name,
                               contact_phone) FROM STDIN
"""
_CERTIFICATES = """
COPY institutions_certificate (institution_id, kind, number, name_on_certificate, issuer, issued_on, expires_on, status, domains)
FROM STDIN
"""


def lines_of(institutions: int) -> Iterator[tuple[str, ...]]:
    """One certificate each, and a second one for every tenth; spread over the counties of the province."""
    from stdnum.cn import uscc

    from institutions.loading import read_rows

    counties = [row for row in read_rows("bureaus.csv") if row["tier"] == "county"]
    for at in range(institutions):
        county = counties[at % len(counties)]
        area = county["name_zh"].removesuffix("市场监督管理局")
        body = f"91{county['region_code']}MA{at:07d}"
        code = body + uscc.calc_check_digit(body)
        name = f"{area}第{at}检验检测有限公司"
        for second in range(2 if at % 10 == 0 else 1):
            yield (
                name, code, county["name_zh"], f"福建省{area}工业路{at}号{at % 7}幢", f"联系{at % 500}", f"1390{at:07d}", "企业",
                "资质认定（省级）", f"21{second}{at:09d}", "福建省市场监督管理局", f"20{20 + at % 4}-0{1 + at % 9}-15",
                f"20{26 + at % 4}-0{1 + at % 9}-14", "有效",
            )  # fmt: skip


def write_xlsx(path: Path, institutions: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate((HEADINGS, *lines_of(institutions))):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()


def bare_copy(text: bytes) -> float:
    """Seconds of COPY of the lines as they are into a table without index and constraint."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_lines")
        cursor.execute(_BARE)
        began = time.perf_counter()
        cursor.copy_expert("COPY bench_lines FROM STDIN", io.BytesIO(text))
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_lines")
    return seconds


def rows_of(institutions: int) -> tuple[bytes, bytes]:
    """The same file as the rows it becomes: COPY text of institutions and of certificates."""
    from institutions.models import Bureau

    bureaus = {bureau.name_zh: bureau for bureau in Bureau.objects.all()}
    made: dict[str, str] = {}
    certificates = []
    for line in lines_of(institutions):
        name, code, bureau, address, contact, phone, _type, _kind, number, issuer, issued, expires, _state = line
        at = len(made) + (code not in made)
        home = bureaus[bureau]
        made[code] = "\t".join(
            (
                str(at),
                str(uuid.uuid4()),
                code,
                name,
                str(home.pk),
                home.region_code,
                address,
                "10",
                "active",
                contact,
                phone,
            )
        )
        certificates.append("\t".join((str(at), "CMA-P", number, name, issuer, issued, expires, "1", "{}")))
    return ("\n".join(made.values()) + "\n").encode(), ("\n".join(certificates) + "\n").encode()


def copy_rows(institutions: bytes, certificates: bytes) -> float:
    """Seconds of COPY into the tables of the register."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(_INSTITUTIONS, io.BytesIO(institutions))
        cursor.copy_expert(_CERTIFICATES, io.BytesIO(certificates))
    return time.perf_counter() - began


def prepare(server: str) -> None:
    """Bureaus and one statistician, and no institution: what each run starts from."""
    databases._recreate(server, EMPTY)
    environment = os.environ | {"DATABASE_URL": databases.address_of(server, EMPTY)}
    databases._manage(environment, "migrate", "--verbosity=0")
    _use(EMPTY)
    from institutions.loading import load_bureaus
    from institutions.models import Bureau, Membership, User
    from institutions.roles import Role

    load_bureaus()
    user = User.objects.create(username="bench", name="bench")
    Membership.objects.create(user=user, role=Role.STATISTICIAN, bureau=Bureau.objects.get(tier="province"))


def start_anew(server: str) -> Any:
    """A fresh copy of the empty register; who imports."""
    from institutions.models import Membership

    connection.close()
    databases._execute(server, f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    databases._execute(server, f'CREATE DATABASE "{DATABASE}" TEMPLATE "{EMPTY}"')
    _use(DATABASE)
    return Membership.objects.select_related("bureau", "user").get()


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def whole_import(path: Path, by: Any) -> tuple[float, Any]:
    """Received, looked at, compared and applied, in a worker's place: seconds."""
    from institutions.register import actions, tasks
    from institutions.register.models import RegisterImport
    from portal.jobs.models import Job
    from portal.jobs.progress import Silent

    began = time.perf_counter()
    with path.open("rb") as file:
        imported = actions.receive(chunks=iter(lambda: file.read(2**20), b""), name=path.name, by=by)
    imported = actions.match_columns(imported=imported, columns=imported.columns, by=by)
    tasks.compare(Job.objects.get(pk=imported.job_id), Silent())
    imported = RegisterImport.objects.get(pk=imported.pk)
    if imported.counts["new"] or imported.counts["changed"]:
        imported = actions.apply_import(imported=imported, by=by)
        tasks.apply(Job.objects.get(pk=imported.job_id), Silent())
    return time.perf_counter() - began, RegisterImport.objects.get(pk=imported.pk)


def measure(server: str, institutions: int) -> list[Result]:
    from institutions.models import Institution

    prepare(server)
    folder = Path(os.environ["PORTAL_STATE"]) / "register"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{institutions}.xlsx"
    if not path.exists():
        write_xlsx(path, institutions)
    text = "".join("\t".join(row) + "\n" for row in lines_of(institutions)).encode()
    rows = rows_of(institutions)
    bare, limits, firsts, again = [], [], [], []
    for _ in range(ROUNDS):
        start_anew(server)
        calm()
        reading = bare_read(path)
        bare.append(reading + bare_copy(text))
        calm()
        limits.append(reading + copy_rows(*rows))
        by = start_anew(server)
        calm()
        seconds, imported = whole_import(path, by)
        assert Institution.objects.count() == institutions, imported.counts
        firsts.append(seconds)
        seconds, imported = whole_import(path, by)
        assert imported.counts["unchanged"] == imported.counts["lines"], imported.counts
        again.append(seconds)
    # Starting two programs weighs as much as reading a small file.
    bound = 3 if institutions >= JUDGED_FROM else None
    return [
        against("register_import_vs_limit", min(firsts), min(limits), "s", bound),
        against("register_import_vs_bare_table", min(firsts), min(bare), "s", None),
        Result("register_import_again", round(min(again), 3), "s", round(min(firsts), 3)),
    ]


def main() -> int:
    size = {"small": 2_000, "full": 54_000}[os.environ.get("BENCH_SIZE", "full")]
    server = databases.start_server()
    os.environ["DATABASE_URL"] = databases.address_of(server, "postgres")
    from benchmarks.__main__ import _set_up

    _set_up()
    results = measure(server, size)
    print(table(results))
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
