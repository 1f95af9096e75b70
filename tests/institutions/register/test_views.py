"""The pages of an import: what each shows, what it costs, and the way through with the product's own example file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from institutions.models import Certificate, Institution, Membership
from institutions.register import actions
from institutions.register.models import RegisterImport
from portal.jobs.models import Job
from tests.factories.institutions import Province, a_certificate, a_uscc, an_institution
from tests.institutions.register.conftest import compared, csv, fresh, line, run_job, send

SignIn = Callable[[Membership], Client]
LIST = "/institutions/imports/"


def post_file(client: Client, content: bytes, name: str = "名录.csv"):
    return client.post(LIST, {"file": SimpleUploadedFile(name, content)})


def columns_of(imported: RegisterImport) -> dict[str, str]:
    return {f"column-{index}": field for field, index in imported.columns.items()}


def test_the_example_file_goes_the_whole_way(world: Province, sign_in: SignIn, no_worker: None):
    for number in range(8):
        a_certificate(an_institution(world.gulou, address=f"五四路{number}号"), number=f"22130000{number:04d}")
    client = sign_in(world.gulou_reviewer)
    example = client.get(f"{LIST}example/")
    sheet = load_workbook(BytesIO(example.content)).active
    assert sheet["B2"].value == "机构名称"
    response = post_file(client, example.content, "示例.xlsx")
    imported = RegisterImport.objects.get()
    assert response.url == imported.get_absolute_url()
    assert imported.reading["heading_row"] == 2
    response = client.post(f"{response.url}columns/", columns_of(imported))
    assert response.status_code == 302
    assert client.get(imported.get_absolute_url()).context["job"].state == "waiting"
    imported = run_job(fresh(imported))
    counts = imported.counts
    assert (counts["new_institutions"], counts["conflict"], counts["unreadable"], counts["new_units"]) == (3, 4, 2, 1)
    assert (counts["changed_institutions"], counts["changed_certificates"]) == (2, 2)
    assert (counts["similar"], counts["other_bureau"]) == (1, 0)
    for tab, _words, count in client.get(imported.get_absolute_url()).context["tabs"]:
        page = client.get(imported.get_absolute_url(), {"list": tab})
        assert page.context["page"].paginator.count == count
    marked = client.get(f"{imported.get_absolute_url()}marked/")
    assert load_workbook(BytesIO(marked.content)).active.max_column == 16
    client.post(f"{imported.get_absolute_url()}apply/")
    run_job(fresh(imported))
    assert Institution.objects.filter(name__endswith="集团有限公司").count() <= 2
    assert Certificate.objects.filter(number="241312990003").exists()


def test_a_refused_file_says_why_on_the_page(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    response = post_file(client, b"%PDF-1.4", "名录.xlsx")
    assert response.status_code == 422
    assert "PDF" in response.content.decode()
    assert client.post(LIST, {}).status_code == 422
    assert RegisterImport.objects.count() == 0


def test_columns_wrongly_matched_are_shown_again(world: Province, sign_in: SignIn):
    imported = send(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    client = sign_in(world.statistician)
    twice = columns_of(imported) | {"column-3": "name"}
    response = client.post(f"{imported.get_absolute_url()}columns/", twice)
    assert response.status_code == 422
    missing = {name: field for name, field in columns_of(imported).items() if field != "uscc"}
    response = client.post(
        f"{imported.get_absolute_url()}columns/", missing | {"column-99": "uscc", "column-x": "uscc"}
    )
    assert response.status_code == 422
    assert Job.objects.count() == 0
    assert [one.field for one in response.context["columns"]][:2] == ["name", ""]


def test_the_page_of_an_import_is_not_for_other_areas(world: Province, sign_in: SignIn):
    imported = compared(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.gulou_reviewer)
    address = imported.get_absolute_url()
    assert sign_in(world.taijiang_reviewer).get(address).status_code == 404
    above = sign_in(world.fuzhou_reviewer)
    page = above.get(address)
    assert "鼓楼" in page.content.decode()
    assert not page.context["matches"]
    assert above.post(f"{address}apply/").status_code == 403
    assert above.post(f"{address}discard/").status_code == 403
    assert fresh(imported).state == "compared"


def test_the_same_file_is_recognised(world: Province, sign_in: SignIn):
    content = csv([line("福建新检测有限公司", a_uscc(), "221300000001")])
    first = compared(content, world.statistician)
    run_job(actions.apply_import(imported=first, by=world.statistician))
    again = compared(content, world.statistician, "改名.csv")
    page = sign_in(world.statistician).get(again.get_absolute_url())
    assert page.context["same"] == first


def test_a_fragment_is_sent_while_the_work_goes_on(world: Province, sign_in: SignIn):
    imported = send(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    answer = sign_in(world.statistician).get(imported.get_absolute_url(), headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert body.lstrip().startswith("<div")
    assert 'hx-trigger="every 2s"' in body
    assert "HX-Request" in answer.headers["Vary"]


def test_work_that_stopped_may_be_asked_for_again(world: Province, sign_in: SignIn):
    imported = send(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    matched = actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    with pytest.raises(actions.Moved):
        actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    Job.objects.filter(pk=matched.job_id).update(state="failed")
    again = actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    assert run_job(again).state == "compared"


@pytest.mark.parametrize("many", [1, 5])
def test_pages_cost_the_same_for_one_line_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    rows = [line(world.a.name, world.a.uscc, f"22130000000{number}") for number in range(many)]
    imported = compared(csv(rows), world.statistician)
    for _number in range(many - 1):
        send(csv(rows), world.statistician)
    client = sign_in(world.statistician)
    client.get(LIST)
    # session, person, memberships; import, same file; count, lines, institutions; the frame: memberships, unread
    with django_assert_num_queries(8):
        assert len(client.get(imported.get_absolute_url(), {"list": "new"}).context["rows"]) == many
    # session, person, memberships; count, imports; the frame: memberships, unread
    with django_assert_num_queries(5):
        assert len(client.get(LIST).context["page"].object_list) == many


def test_what_an_act_would_mend_leads_to_it(world: Province, sign_in: SignIn):
    Institution.objects.filter(pk=world.b.pk).update(status="closed")
    rows = [
        line(world.a.name, world.a.uscc, bureau="台江区市场监督管理局"),
        line(world.b.name, world.b.uscc, "221300000001"),
    ]
    imported = compared(csv(rows), world.statistician)
    client = sign_in(world.statistician)
    assert "/move/change/" in client.get(imported.get_absolute_url(), {"list": "look"}).content.decode()
    assert "/reopen/change/" in client.get(imported.get_absolute_url(), {"list": "conflict"}).content.decode()
