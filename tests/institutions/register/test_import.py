"""A register from file to institutions: matched, compared, applied once, with everything that contradicts itself told."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from institutions.models import Certificate, Institution
from institutions.register import actions, tasks
from institutions.register.columns import match
from institutions.register.models import InstitutionChange, RegisterColumns, RegisterImport, SubordinateUnit
from portal.trail.models import Event
from tests.factories.institutions import Province, a_certificate, a_uscc, an_institution
from tests.institutions.register.conftest import (
    HEAD,
    applied,
    compared,
    csv,
    fresh,
    line,
    outcomes,
    run_job,
    send,
    xlsx,
)


def held() -> list[tuple[str, str]]:
    return list(Certificate.objects.order_by("number").values_list("institution__name", "number"))


def test_import_registers_newcomers_with_their_certificates(world: Province):
    code = a_uscc()
    content = csv([line("福建新检测有限公司", code, "221300000001"), line("福建新检测有限公司", code, "221300000002")])
    imported = compared(content, world.statistician)
    assert outcomes(imported) == [(2, "new", ""), (3, "new", "")]
    assert (imported.counts["new_institutions"], imported.counts["new_certificates"]) == (1, 2)
    assert not Institution.objects.filter(uscc=code).exists()
    imported = run_job(actions.apply_import(imported=imported, by=world.statistician))
    new = Institution.objects.get(uscc=code)
    assert (new.name, new.home_bureau, new.region_code, new.unit_type) == (
        "福建新检测有限公司", world.gulou, "350102", "10",
    )  # fmt: skip
    assert held() == [("福建新检测有限公司", "221300000001"), ("福建新检测有限公司", "221300000002")]
    assert imported.state == "applied"
    assert Event.objects.get(verb="register.applied").details["institutions_new"] == 1


def test_import_again_changes_nothing(world: Province):
    content = csv([line("福建新检测有限公司", a_uscc(), "221300000001")])
    applied(content, world.statistician)
    again = compared(content, world.statistician)
    assert outcomes(again) == [(2, "unchanged", "")]
    with pytest.raises(actions.NotAllowed):
        actions.apply_import(imported=again, by=world.statistician)
    assert Institution.objects.count() == 6
    assert again.counts["gone"] == 0


def test_applying_twice_writes_once(world: Province):
    imported = applied(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    before = imported.applied
    assert run_job(imported).applied == before
    assert Event.objects.filter(verb="register.applied").count() == 1
    assert Institution.objects.count() == 6


def test_import_amends_and_keeps_the_old_name(world: Province):
    a_certificate(world.a, number="221300000009")
    old = world.a.name
    row = line("福建甲检测集团有限公司", world.a.uscc, "221300000009", expires="2029-05-01", address="五四路1号")
    imported = applied(csv([row]), world.statistician)
    world.a.refresh_from_db()
    assert (world.a.name, world.a.address) == ("福建甲检测集团有限公司", "五四路1号")
    assert Certificate.objects.get(number="221300000009").expires_on.isoformat() == "2029-05-01"
    [change] = InstitutionChange.objects.filter(institution=world.a)
    assert (change.kind, change.before, change.after) == ("renamed", old, "福建甲检测集团有限公司")
    assert (imported.counts["changed_institutions"], imported.counts["changed_certificates"]) == (1, 1)


def test_a_blank_cell_erases_nothing(world: Province):
    Institution.objects.filter(pk=world.a.pk).update(address="五四路1号", contact_phone="0591-1")
    imported = compared(csv([line(world.a.name, world.a.uscc)]), world.statistician)
    assert outcomes(imported) == [(2, "unchanged", "")]


def test_conflicts_are_told_and_left_out(world: Province):
    a_certificate(world.a, number="221300000007")
    Institution.objects.filter(pk=world.c.pk).update(status="closed")
    two, other = a_uscc(), a_uscc()
    rows = [
        line("福建一检测有限公司", two, "221300000001"),
        line("福建二检测有限公司", two, "221300000002"),
        line("福建三检测有限公司", other, "221300000003"),
        line(world.b.name, world.b.uscc, "221300000003"),
        line(world.b.name, world.b.uscc, "221300000007"),
        line(world.c.name, world.c.uscc, "221300000005", bureau="台江区"),
        line(world.d.name, world.d.uscc, "221300000006", bureau="鲤城区"),
    ]
    imported = compared(csv(rows), world.statistician)
    assert outcomes(imported) == [
        (2, "conflict", "two_names"),
        (3, "conflict", "two_names"),
        (4, "conflict", "two_holders"),
        (5, "conflict", "two_holders"),
        (6, "conflict", "other_holder"),
        (7, "conflict", "closed"),
        (8, "new", ""),
    ]
    run_job(actions.apply_import(imported=imported, by=world.statistician))
    assert held() == [(world.d.name, "221300000006"), (world.a.name, "221300000007")]
    assert Institution.objects.filter(uscc__in=[two, other]).count() == 0


def test_unreadable_lines_say_why_and_come_back_marked(world: Province):
    good = a_uscc()
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    rows = [
        line("甲", "", "1"),
        line("乙", good[:17], "2"),
        line("丙", wrong, "3"),
        line("丁", good, "4", issued="2024-13-01"),
        line("戊", good, "5", issued="2028-02-29", expires="2022-03-01"),
        line("己", a_uscc(), "6", bureau="月球局"),
        line("庚", a_uscc(), "7", legal="否"),
        line("辛", a_uscc(), "8", legal="否", parent=a_uscc()),
    ]
    imported = compared(csv(rows), world.statistician)
    assert [fault for _row, _outcome, fault in outcomes(imported)] == [
        "uscc_missing", "uscc_length", "uscc_check", "date", "dates_order", "bureau_unknown", "unit_without_parent",
        "parent_unknown",
    ]  # fmt: skip
    assert imported.counts["unreadable"] == 8
    marked = (actions.storage.path_of(imported.marked_as, "register")).read_text("utf-8-sig").splitlines()
    assert marked[0].endswith('"审核结果"') or "," in marked[0]
    assert "18" in marked[2]


def test_possible_duplicates_are_pointed_out_but_registered(world: Province):
    Institution.objects.filter(pk=world.a.pk).update(address="福州市鼓楼区五四路158号环球广场")
    row = line("福建甲检测技术有限公司", a_uscc(), "221300000001", address="福州市鼓楼区五四路158号 环球广场")
    imported = compared(csv([row]), world.statistician)
    [one] = imported.lines.all()
    assert one.note == f"similar|{world.a.name}|{world.a.uscc}"
    assert (one.outcome, imported.counts["similar"]) == ("new", 1)


def test_units_without_legal_personality_are_reported_under_the_parent(world: Province):
    row = line("甲公司长乐检测站", "", "221300000001", legal="否", parent=world.a.uscc)
    applied(csv([row]), world.statistician)
    certificate = Certificate.objects.get(number="221300000001")
    assert (certificate.institution, certificate.name_on_certificate) == (world.a, "甲公司长乐检测站")
    assert list(SubordinateUnit.objects.values_list("institution", "name")) == [(world.a.pk, "甲公司长乐检测站")]
    assert Institution.objects.count() == 5


def test_a_unit_that_files_for_itself_is_a_contradiction(world: Province):
    code = a_uscc()
    rows = [
        line("乙公司检测站", world.b.uscc, "221300000001", legal="否", parent=world.a.uscc),
        line("福建新检测有限公司", code, "221300000002"),
        line("新公司检测站", code, "221300000003", legal="否", parent=world.a.uscc),
    ]
    imported = compared(csv(rows), world.statistician)
    assert outcomes(imported) == [(2, "conflict", "unit_files"), (3, "new", ""), (4, "conflict", "unit_files")]


def test_children_that_are_legal_persons_are_put_under_their_parent(world: Province):
    child = a_uscc()
    applied(csv([line("甲公司子公司", child, "221300000001", parent=world.a.uscc)]), world.statistician)
    assert Institution.objects.get(uscc=child).parent == world.a


def test_an_import_moves_nobody(world: Province):
    imported = compared(csv([line(world.a.name, world.a.uscc, bureau="台江区市场监督管理局")]), world.statistician)
    [one] = imported.lines.all()
    assert one.note == "other_bureau|台江区市场监督管理局|鼓楼区市场监督管理局"
    assert one.outcome == "unchanged"


def test_gone_from_the_register_is_counted_and_kept(world: Province):
    a_certificate(world.a, number="221300000008")
    a_certificate(world.a, number="CNAS L1", kind="CNAS-L")
    imported = applied(csv([line(world.b.name, world.b.uscc, "221300000001")]), world.statistician)
    assert imported.counts["gone"] == 1
    assert Certificate.objects.filter(number="221300000008").exists()


def test_a_county_imports_its_own_area_alone(world: Province):
    rows = [
        line("福建新检测有限公司", a_uscc(), "221300000001"),
        line("台江新检测有限公司", a_uscc(), "221300000002", bureau="台江区"),
        line(world.c.name, world.c.uscc, "221300000003", bureau="台江区"),
    ]
    imported = compared(csv(rows), world.gulou_reviewer)
    assert outcomes(imported) == [(2, "new", ""), (3, "unreadable", "outside_new"), (4, "unreadable", "outside")]
    assert RegisterImport.objects.visible_to(world.taijiang_reviewer).count() == 0
    with pytest.raises(actions.NotAllowed):
        actions.apply_import(imported=imported, by=world.statistician)


def test_columns_are_matched_by_name_in_any_order_and_language(world: Province):
    head = ["Valid until", "Certificate number", "Institution", "备注", "Issue date", "Credit code", "Home bureau"]
    rows = [["2028-02-29", "221300000001", "福建新检测有限公司", "x", "2022年3月1日", a_uscc(), "Gulou AMR"]]
    world.gulou.name_en = "Gulou AMR"
    world.gulou.save(update_fields=["name_en"])
    content = xlsx(rows, head, above=[["福建省检验检测机构名录"], []])
    imported = compared(content, world.statistician, "register.xlsx")
    assert imported.columns == {"expires": 0, "number": 1, "name": 2, "issued": 4, "uscc": 5, "bureau": 6}
    assert imported.reading["heading_row"] == 3
    assert outcomes(imported) == [(4, "new", "")]


def test_matching_is_remembered_for_the_bureau(world: Province):
    head = ["码", "名", "号", "起", "止", "局"]
    rows = [[a_uscc(), "福建新检测有限公司", "221300000001", "2022-03-01", "2028-02-29", "鼓楼区"]]
    first = send(csv(rows, head), world.statistician)
    assert first.columns == {}
    with pytest.raises(actions.BadColumns):
        actions.match_columns(imported=first, columns={"uscc": 0}, by=world.statistician)
    chosen = {"uscc": 0, "name": 1, "number": 2, "issued": 3, "expires": 4, "bureau": 5}
    actions.match_columns(imported=first, columns=chosen, by=world.statistician)
    assert RegisterColumns.objects.get(bureau=world.fujian).headings["码"] == "uscc"
    assert send(csv(rows, head), world.statistician).columns == chosen
    assert send(csv(rows, head), world.gulou_reviewer).columns == {}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (csv([]), "no_rows"),
        (b"%PDF-1.7", "foreign"),
        (b"PK\x03\x04 cut off", "truncated"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"x" * 600, "xls"),
        (b"x\n1\n2", "no_headings"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_the_reason(world: Province, content: bytes, code: str, tmp_path):
    with pytest.raises(actions.FileRefused):
        send(content, world.statistician)
    assert RegisterImport.objects.count() == 0
    event = Event.objects.get(verb="register.received")
    assert (event.succeeded, event.details["cause"]) == (False, code)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_spreadsheets_hide_is_told(world: Province):
    """Error values, numbers that lost digits, dates where numbers belong; a number without its point."""
    rows = [
        ["福建新检测有限公司", a_uscc(), "鼓楼区", "", "", 221300000001, "2022-03-01", "2028-02-29", "", "", ""],
        ["福建旧检测有限公司", "#N/A", "鼓楼区", "", "", "2213", "2022-03-01", "2028-02-29", "", "", ""],
        ["福建错检测有限公司", a_uscc(), "鼓楼区", "", "", 1234567890123456789, "2022-03-01", "2028-02-29", "", "", ""],
        ["福建算检测有限公司", a_uscc(), "鼓楼区", "", "", "=1+1", "2022-03-01", "2028-02-29", "", "", ""],
    ]
    imported = compared(xlsx(rows), world.statistician, "register.xlsx")
    assert outcomes(imported) == [
        (2, "new", ""), (3, "unreadable", "error"), (4, "unreadable", "digits"), (5, "unreadable", "formula"),
    ]  # fmt: skip
    assert imported.lines.get(row=2).number == "221300000001"


def test_a_merged_area_stops_the_comparison(world: Province):
    book = load_workbook(BytesIO(xlsx([line("甲", a_uscc(), "1"), line("乙", a_uscc(), "2")])))
    book.active.merge_cells("A2:A3")
    buffer = BytesIO()
    book.save(buffer)
    imported = send(buffer.getvalue(), world.statistician, "register.xlsx")
    matched = actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    with pytest.raises(Exception, match="A2:A3"):
        run_job(matched)
    assert (fresh(imported).state, fresh(imported).refusal["code"]) == ("failed", "merged")


def test_a_discarded_file_is_gone_and_not_applied(world: Province):
    imported = compared(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    path = actions.storage.path_of(imported.stored_as, "register")
    assert path.exists()
    actions.discard(imported=imported, by=world.statistician)
    assert imported.lines.count() == 0
    with pytest.raises(actions.NotAllowed):
        actions.apply_import(imported=imported, by=world.statistician)
    assert Institution.objects.count() == 5


def test_what_changed_since_the_comparison_is_left_as_it_was_made(world: Province):
    number, code = "221300000001", a_uscc()
    imported = compared(csv([line("福建新检测有限公司", code, number)]), world.statistician)
    an_institution(world.taijiang, "福建先到检测有限公司", uscc=code)
    a_certificate(world.b, number=number)
    run_job(actions.apply_import(imported=imported, by=world.statistician))
    assert Institution.objects.get(uscc=code).name == "福建先到检测有限公司"
    assert held() == [(world.b.name, number)]


def test_lines_lost_in_a_crash_are_compared_again_before_anything_is_written(world: Province):
    imported = compared(csv([line("福建新检测有限公司", a_uscc(), "221300000001")]), world.statistician)
    imported = actions.apply_import(imported=imported, by=world.statistician)
    imported.lines.all().delete()  # as an unlogged table is after a crash
    with pytest.raises(tasks.Unread):
        run_job(imported)
    assert (fresh(imported).state, Institution.objects.count()) == ("matching", 5)
    again = actions.match_columns(imported=imported, columns=imported.columns, by=world.statistician)
    assert run_job(again).counts["new"] == 1


def test_heading_constants_are_all_known():
    assert len(match(HEAD)) == len(HEAD)
