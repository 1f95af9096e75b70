"""From last year's scheme to this year's round: download, edit, upload, compare, map, try, publish, open a round, fill."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.timezone import localtime

from portal.clock import database_now
from portal.jobs.tasks import run
from reports.rounds.models import Kind, Round
from reports.schemes.models import Scheme
from reports.versions.models import SchemeTrial
from tests.factories.filings import a_filing, accepted_filing, fill, fresh, open_round
from tests.factories.filings_data import valid_cells
from tests.reports.versions.books import a_file, column, edited, line, put
from tests.reports.versions.conftest import client_of


def _next_year(book) -> None:
    """W312 becomes W316, the number of staff is asked for in new words."""
    book["scheme"]["A2"], book["scheme"]["C2"] = "jc2024", "2024"
    indicators, checks = book["indicators"], book["checks"]
    put(indicators, "A301", "name_zh", "期末全部从业人员")
    put(indicators, "W312", "code", "W316")
    each = checks.cell(line(checks, "K076"), column(checks, "each"))
    each.value = each.value.replace("W312", "W316")


def test_the_scheme_of_next_year_reaches_its_filers_and_leaves_last_year_alone(world, province, published, no_worker):
    last = open_round(world, period="2023", scheme=published)
    before = accepted_filing(last, world.a)
    filer = client_of(world.filer_a)
    old_page = reverse("filings:revision-detail", args=[before.public_id, 1])
    assert "电子报告" in filer.get(old_page).content.decode()

    # download → edit → upload
    made = province.get(reverse("versions:scheme-workbook", args=["jc2023", 1])).content
    sent = province.post(reverse("versions:scheme-create"), {"file": a_file(edited(made, _next_year))})
    scheme = Scheme.objects.get(code="jc2024")
    assert sent["Location"] == reverse("versions:scheme-detail", args=["jc2024", 1])
    assert (scheme.status, scheme.base) == ("draft", published)

    # compare → map
    def told() -> list[tuple[str, str]]:
        page = province.get(reverse("versions:scheme-compare", args=["jc2024", 1]))
        found = {section.sheet: section.changes for section in page.context["sections"]}
        return [(change.kind, change.key) for change in found["indicators"]]

    assert told() == [("changed", "A301"), ("added", "W316"), ("removed", "W312")]
    mapping = reverse("versions:scheme-mapping", args=["jc2024", 1])
    page = province.get(mapping)
    chosen = {f"new-{one.old['code']}": new for one, new in page.context["lines"]}
    assert chosen == {"new-W312": "W316"}
    province.post(mapping, chosen | {"digest": page.context["scheme"].digest})
    assert told() == [("changed", "A301"), ("renamed", "W316")]

    # try → preview → publish
    trial = reverse("versions:scheme-trial", args=["jc2024", 1])
    province.post(trial, {"round": str(last.public_id)})
    run(str(SchemeTrial.objects.get().job_id))
    found = province.get(trial).context["found"]
    assert (found.filings, found.blocked, found.missing, found.unread) == (1, 0, [], [])
    assert (
        "W316" in province.get(reverse("versions:scheme-preview", args=["jc2024", 1]) + "?table=JC05").content.decode()
    )
    scheme.refresh_from_db()
    assert (
        province.post(reverse("versions:scheme-publish", args=["jc2024", 1]), {"digest": scheme.digest}).status_code
        == 302
    )

    # a round with it
    form = province.get(reverse("rounds:round-new") + f"?from={last.public_id}").context["form"]
    scheme.refresh_from_db()
    assert form.initial["scheme"] == scheme.pk
    assert set(form.fields["scheme"].queryset) == {scheme, published}
    typed = {name: str(form[name].value() or "") for name in form.fields}
    today = localtime(database_now()).date()
    typed |= {"fill_opens_day": str(today - dt.timedelta(days=1)), "fill_due_day": str(today + dt.timedelta(days=60))}
    typed |= {name: "" for name in typed if name.endswith("_day") and not name.startswith("fill")}
    typed |= {name: "" for name in typed if name.endswith("_time")}
    answer = province.post(reverse("rounds:round-new"), typed)
    assert answer.status_code == 302, answer.context["form"].errors
    this = Round.objects.get(kind=Kind.ANNUAL_STATISTICS, period="2024")
    assert (this.scheme, this.previous) == (scheme, last)

    # filled in the new form, with last year beside; last year's filing keeps its own
    Round.objects.filter(pk=this.pk).update(roster_frozen_at=database_now())
    cells = valid_cells(world.a)
    cells["JC05"]["W316"] = cells["JC05"].pop("W312")
    filing = fill(a_filing(this, world.a, previous=fresh(before)), world.filer_a, cells)
    table = filer.get(reverse("filings:table-edit", args=[filing.public_id, "JC05"])).content.decode()
    row = table[table.index('data-key="W316"') :]
    assert "3,000" in row[: row.index("</tr>")]
    assert "W312" not in table
    old = filer.get(old_page).content.decode()
    assert "W312" in old
    assert "W316" not in old
    assert "期末全部从业人员" not in old
