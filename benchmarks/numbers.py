"""Report numbers: the whole job against what PostgreSQL and the quick reader need at least, look-ups in tables of two sizes,
memory, the marked copy, and other pages meanwhile. Alone: `python -m benchmarks.numbers`.

NUMBERS_ROWS=100000 takes a smaller csv; NUMBERS_LOOKUP=10000000,100000000 larger tables for the look-up.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks import databases
from benchmarks.result import Result, against, table

ROUNDS = 3
DATABASE = "bench_numbers"
CERTIFICATE = "221300000001"
HEADINGS = "检验检测报告编号,出具（签发）日期,资质认定证书编号,专业领域,报告类别,是否加盖CMA标志,委托方"
_STAGING = """
CREATE UNLOGGED TABLE bench_staging (
    line integer, key text COLLATE "C", raw text, issued_on date, certificate text, domain text, kind text, cma_mark boolean,
    site smallint, state smallint, replaces_key text COLLATE "C", fault text, finding text)
"""
_INSERT = """
INSERT INTO numbers_reportnumber (institution_id, batch_id, issued_on, line, quarter, state, site, cma_mark, key, raw,
                                  certificate, domain, kind, replaces_key)
SELECT %s, 0, issued_on, line, 20234, state, site, cma_mark, key, raw, certificate, domain, kind, replaces_key
  FROM bench_staging ON CONFLICT DO NOTHING
"""


def lines_of(rows: int, wrong: int = 0) -> Iterator[tuple[str, str]]:
    """(number, date); of a hundred lines `wrong` lie outside the quarter and as many repeat the one before, or all are outside."""
    for at in range(rows):
        number = at - 1 if at % 100 >= 100 - wrong else at
        outside = 0 < at % 100 <= wrong or wrong == 100
        day = "2023-09-30" if outside else f"2023-{10 + at % 3}-{1 + at % 28:02d}"
        yield f"FJ-2023-{number:09d}", day


def write_csv(path: Path, rows: int, wrong: int = 1) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADINGS + "\r\n")
        out.writelines(f"{number},{day},{CERTIFICATE},03,2,是,某某公司\r\n" for number, day in lines_of(rows, wrong))


def write_xlsx(path: Path, rows: int, wrong: int = 1) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS.split(","))
    for at, (number, day) in enumerate(lines_of(rows, wrong), start=1):
        for column, cell in enumerate((number, day, CERTIFICATE, "03", "2", "是", "某某公司")):
            sheet.write_string(at, column, cell)
    book.close()


def copy_text(rows: int) -> bytes:
    made = (
        f"{at}\t{number}\t\\N\t{day}\t{CERTIFICATE}\t03\t2\tt\t\\N\t1\t\\N\t\\N\t\\N\n"
        for at, (number, day) in enumerate(lines_of(rows, 1), start=2)
    )
    return "".join(made).encode()


# -- the world ------------------------------------------------------------------------------------


class World:
    """A province with one quarterly round; each measurement takes a new institution."""

    def __init__(self) -> None:
        from reports.rounds.models import Kind
        from tests.factories.filings import open_round
        from tests.factories.institutions import build_province

        self.province = build_province()
        self.round = open_round(self.province, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)

    def filing(self) -> tuple[Any, Any]:
        from tests.factories.filings import a_filing, signer_of
        from tests.factories.institutions import a_certificate, an_institution

        institution = an_institution(self.province.gulou)
        a_certificate(institution, number=f"{CERTIFICATE}", kind=f"K{institution.pk}"[:10])
        return a_filing(self.round, institution), signer_of(institution)


def prepare(server: str) -> None:
    databases._recreate(server, DATABASE)
    os.environ["DATABASE_URL"] = databases.address_of(server, DATABASE)
    databases._manage(dict(os.environ), "migrate", "--verbosity=0")


# -- the job and its limit ------------------------------------------------------------------------


def job(path: Path, filing: Any, by: Any) -> dict[str, Any]:
    """Receive and read the file in a process of its own, as a worker does; seconds without its start, and megabytes."""
    command = [sys.executable, "-m", "benchmarks.numbers_worker", str(path), str(filing.pk), str(by.pk)]
    done = subprocess.run(
        command, cwd=databases.ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def limit(text: bytes, institution_id: int) -> float:
    """Seconds of COPY into an unlogged table and of INSERT … SELECT … ON CONFLICT DO NOTHING of the same rows."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_staging")
        began = time.perf_counter()
        cursor.execute(_STAGING)
        cursor.copy_expert("COPY bench_staging FROM STDIN", io.BytesIO(text))
        cursor.execute(_INSERT, [institution_id])
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_staging")
    return seconds


def bare_read(path: Path) -> float:
    """Seconds of the quick reader for every cell, in a process of its own like ours, without its start."""
    code = (
        "import sys, time, python_calamine as c; t = time.perf_counter();"
        "n = sum(1 for row in c.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows());"
        "print(time.perf_counter() - t)"
    )
    return float(subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True).stdout)


def calm() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT") if _may_checkpoint(cursor) else None


def _may_checkpoint(cursor: Any) -> bool:
    cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')")
    return bool(cursor.fetchone()[0])


def measure_csv(world: World, folder: Path, rows: int) -> list[Result]:
    path = folder / f"{rows}.csv"
    if not path.exists():
        write_csv(path, rows)
    text = copy_text(rows)
    limits, firsts, again, memory = [], [], [], []
    for _ in range(ROUNDS):
        calm()
        limits.append(limit(text, world.filing()[0].institution_id))
        filing, by = world.filing()
        calm()
        told = job(path, filing, by)
        firsts.append(told["seconds"])
        memory += [told["worker_mb"] + told["child_mb"]]
        changed = folder / "changed.csv"
        changed.write_bytes(path.read_bytes() + b"\r\n")  # other bytes, the same numbers
        calm()
        again.append(job(changed, filing, by)["seconds"])
        renamed = folder / "renamed.csv"
        renamed.write_bytes(path.read_bytes())
        same = job(renamed, filing, by)
    return [
        against("numbers_csv_1m_vs_limit", min(firsts), min(limits), "s", 1.5),
        against("numbers_reupload_vs_first", same["seconds"], min(firsts), "s", 0.6),
        Result("numbers_known_in_another_file", round(min(again), 3), "s", round(min(firsts), 3)),
        Result("numbers_rows_per_second", round(rows / min(firsts)), "rows/s", better="higher"),
        Result("numbers_csv_memory", round(max(memory), 1), "MB", bound=300),
    ]


def measure_xlsx(world: World, folder: Path) -> list[Result]:
    path, text = folder / "100k.xlsx", copy_text(100_000)
    if not path.exists():
        write_xlsx(path, 100_000)
    limits, times, memory = [], [], []
    for _ in range(ROUNDS):
        limits.append(bare_read(path) + limit(text, world.filing()[0].institution_id))
        told = job(path, *world.filing())
        times.append(told["seconds"])
        memory.append(told["worker_mb"] + told["child_mb"])
    wrong = folder / "all_wrong.xlsx"
    if not wrong.exists():
        write_xlsx(wrong, 200_000, wrong=100)
    marked = job(wrong, *world.filing())
    assert marked["refused"] == 200_000
    return [
        against("numbers_xlsx_100k_vs_limit", min(times), min(limits), "s", 1.5),
        Result("numbers_xlsx_memory", round(max(memory), 1), "MB", bound=300),
        Result("error_file_200k_rows", round(marked["mark_seconds"], 2), "s", bound=6),
        Result("error_file_200k_rows_memory", round(marked["mark_mb"], 1), "MB", bound=150),
    ]


# -- other pages meanwhile ------------------------------------------------------------------------


def measure_pages(world: World, folder: Path, rows: int) -> list[Result]:
    from django.core.handlers.wsgi import WSGIHandler

    from benchmarks.client import Visitor

    visitor = Visitor(WSGIHandler(), DATABASE, world.province.gulou_reviewer)

    def ask() -> float:
        began = time.perf_counter()
        visitor.get("/")
        time_taken = time.perf_counter() - began
        time.sleep(0.02)
        return time_taken * 1000

    for _ in range(20):
        ask()
    quiet, busy = [], []
    for _ in range(ROUNDS):
        calm()
        quiet += [ask() for _ in range(100)]
        filing, by = world.filing()
        with _import(folder / f"{rows}.csv", filing.pk, by.pk) as process:
            while process.poll() is None:
                busy.append(ask())
    return [against("other_pages_during_import", _p95(busy), _p95(quiet), "ms", 1.5)]


@contextlib.contextmanager
def _import(path: Path, filing: int, membership: int) -> Iterator[subprocess.Popen[str]]:
    """One that begins now: a worker of the portal is loaded long before the file comes."""
    command = [sys.executable, "-m", "benchmarks.numbers_worker", str(path), str(filing), str(membership)]
    with subprocess.Popen(
        command, cwd=databases.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        yield process


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


# -- look-ups -------------------------------------------------------------------------------------


def measure_lookup(server: str, small: int, large: int) -> list[Result]:
    """The public look-up by number alone in tables of two sizes, both in memory as far as they fit, asked in turns."""
    from benchmarks.client import use_database
    from reports.numbers.lookup import find

    for rows in (small, large):
        _prepare_table(server, rows)
    times: dict[int, list[float]] = {small: [], large: []}
    chance = random.Random(7)
    for turn in range(6):
        for rows in (small, large):
            use_database(f"bench_numbers_{rows}")
            find("FJ-0-000000001")
            for _ in range(400):
                key = f"FJ-{(at := chance.randrange(rows)) % 1400}-{at:09d}"
                began = time.perf_counter()
                found = find(key)
                if turn:
                    times[rows].append((time.perf_counter() - began) * 1000)
                assert found == []  # the table is alone: the number is found, its institution is not there to be named
    medians = {rows: statistics.median(found) for rows, found in times.items()}
    use_database(DATABASE)
    name = f"numbers_dup_check_{large // 10**6}m_vs_{small // 10**6}m"
    return [against(name, medians[large], medians[small], "ms", 1.5)]


def _prepare_table(server: str, rows: int) -> None:
    name = f"bench_numbers_{rows}"
    mark = Path(os.environ["PORTAL_STATE"]) / f"{name}.made"
    if mark.exists() and databases._exists(server, name):
        return
    print(f"Preparing {rows:,} numbers ...", file=sys.stderr, flush=True)
    databases._recreate(server, name)
    environment = os.environ | {"DATABASE_URL": databases.address_of(server, name)}
    databases._manage(environment, "migrate", "--verbosity=0")
    for start in range(0, rows, 5_000_000):
        _fill(databases.address_of(server, name), start, min(start + 5_000_000, rows))
    mark.write_text("made")


def _fill(address: str, start: int, end: int) -> None:
    import psycopg2

    own = psycopg2.connect(address)
    with own, own.cursor() as cursor:
        cursor.execute(
            "INSERT INTO numbers_reportnumber (institution_id, batch_id, issued_on, line, quarter, key, certificate, domain, kind)"
            " SELECT 1 + n %% 1400, n / 10000, DATE '2023-10-01' + (n %% 90)::int, (n %% 10000)::int, 20234,"
            "        'FJ-' || n %% 1400 || '-' || lpad(n::text, 9, '0'), '221300000001', '03', '2'"
            "   FROM generate_series(%s::bigint, %s) n",
            [start, end - 1],
        )
    own.autocommit = True
    with own.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE numbers_reportnumber")
    own.close()


def measure(server: str) -> list[Result]:
    """All of it, on databases of its own. Django is set up."""
    from benchmarks.client import use_database

    prepare(server)
    use_database(DATABASE)
    rows = int(os.environ.get("NUMBERS_ROWS", "1000000"))
    small, large = (int(part) for part in os.environ.get("NUMBERS_LOOKUP", "3000000,30000000").split(","))
    folder = Path(os.environ["PORTAL_STATE"]) / "numbers"
    folder.mkdir(parents=True, exist_ok=True)
    world = World()
    steps: dict[str, Callable[[], list[Result]]] = {
        "csv": lambda: measure_csv(world, folder, rows),
        "xlsx": lambda: measure_xlsx(world, folder),
        "pages": lambda: measure_pages(world, folder, rows),
        "lookup": lambda: measure_lookup(server, small, large),
    }
    wanted = os.environ.get("NUMBERS_STEPS", ",".join(steps)).split(",")
    return [result for name, step in steps.items() if name in wanted for result in step()]


def main() -> int:
    server = databases.start_server()
    os.environ["DATABASE_URL"] = databases.address_of(server, "postgres")
    import django

    django.setup()
    results = measure(server)
    print(table(results))
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
