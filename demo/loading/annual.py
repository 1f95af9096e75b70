"""The round of annual reports: one being written, three submitted, one of these returned; by the actions of the product."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import translation
from django.utils.timezone import localtime

from demo.generator.calendar import DAY
from demo.loading.register import Numbering
from institutions.models import Membership
from institutions.roles import Role
from portal.inbox.models import Notice
from reports.annual.attachments import receive
from reports.filings import drafts
from reports.filings.actions import submit
from reports.filings.actions_review import RemarkDraft, give_back
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change
from reports.filings.examination import examine, note_counts
from reports.filings.models import Filing, State
from reports.rounds.actions import open_round
from reports.rounds.models import Kind, Phase, Round
from reports.schemes.structured import dump

WRITING = 0  # index of the institution with the account `filer`
SUBMITTED = 3
TEXTS = {
    "R101": "本年度持续符合资质认定条件和要求：法律地位、授权签字人和检测能力均有效，未超范围出具报告，未发生影响公正性的事件。",
    "R104": "期末检验检测人员全部签订劳动合同，授权签字人均经考核批准；全年组织内部培训12次、外部培训5次，新进人员经监督考核后上岗。",
    "R105": "固定场所地址与资质认定证书一致，实验室分区明确，温湿度监控记录完整，危险废物交由有资质的单位处置。",
    "R106": "在用仪器设备均按计划检定校准，全年完成期间核查36台次，不合格设备已停用并加贴标识，标准物质在有效期内使用。",
    "R107": "管理体系文件于三月换版并全员宣贯，质量控制计划按期完成，内审和管理评审提出的改进事项均已关闭。",
    "R201": "严格遵守独立、公正、诚信原则，未出具虚假或不实报告，未转让、出租资质认定证书和标志，人员未在两个以上机构从业。",
    "R301": "全年按合同和标准开展检验检测活动，报告均使用规定标志；参加能力验证全部满意，投诉已全部办结，监督检查问题已整改。",
}
FIGURES = {
    "R004": "2024-01-20", "R005": "陈编制", "R006": "林批准", "R102": "0", "R108": "2", "R109": "3", "R110": "2023-11-20",
    "R202": "机构网站首页和业务大厅公示栏", "R203": "0", "R204": "0", "R206": "6", "R207": "1", "R302": "4", "R303": "4",
    "R305": "1", "R306": "1", "R307": "2", "R308": "0", "R504": "1",
}  # fmt: skip
HALF = {"R004", "R005", "R006", "R101", "R104", "R105", "R108", "R109", "R110", "R202", "R206"}
CHANGE = [{"what": "检验检测场所增加二层实验室", "on": "2023-05-06", "done": "1"}]


def write_reports(statistics: Round, people: Numbering, now: dt.datetime) -> None:
    """Everybody due in the statistics is due here as well."""
    start = (localtime(now) - 20 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    due = start + 40 * DAY
    with translation.override(settings.LANGUAGE_CODE):
        round = open_round(
            scheme=statistics.scheme, kind=Kind.ANNUAL_REPORT, period=statistics.period,
            title_zh=f"{statistics.period}年度检验检测机构年度报告", title_en=f"Annual reports of institutions {statistics.period}",
            cut_off=statistics.cut_off, by=_member(Role.STATISTICIAN),
            phases={
                Phase.Name.FILL: (start, due), Phase.Name.COUNTY: (start, due + 10 * DAY),
                Phase.Name.PREFECTURE: (start, due + 15 * DAY), Phase.Name.PROVINCE: (start, due + 20 * DAY),
                Phase.Name.SUPPLEMENT: (due, due + 30 * DAY),
            },
        )  # fmt: skip
        Round.objects.filter(pk=round.pk).update(roster_frozen_at=start - DAY)
        Filing.objects.bulk_create(
            Filing(
                round=round, institution_id=one.institution_id, reviewing_bureau_id=one.reviewing_bureau_id,
                scope=one.scope, due_reason=one.due_reason,
            )
            for one in statistics.filings.exclude(state=State.EXCUSED).order_by("id")
        )  # fmt: skip
        _half_write(round, people.institution(WRITING))
        filed = statistics.filings.filter(state=State.ACCEPTED).order_by("id").values_list("institution", flat=True)
        for institution in filed[:SUBMITTED]:
            sent = _send(_of(round, institution))
        if filed:
            _give_back(sent)
    # Nobody is to get a mail about an invented filing.
    Notice.objects.filter(mailed_at=None).update(mailed_at=Now(), mail_handed_at=Now(), mail_attempts=1)


def _of(round: Round, institution: int) -> Filing:
    return Filing.objects.for_page().get(round=round, institution=institution)


def _member(role: Role, **of: Any) -> Membership:
    held = Membership.objects.current().select_related("user", "institution__home_bureau", "bureau")
    found = held.filter(role=role, **of).order_by("id").first()
    assert found is not None
    return found


def _type(filing: Filing, by: Membership, answers: dict[str, str]) -> Filing:
    table = filing.round.scheme.definition.table("AR")
    changes = [Change(CellKey(None, code), raw) for code, raw in answers.items()]
    drafts.save_cells(filing=filing, table=table, changes=changes, seen=0, by=by)
    note_counts(examine(Filing.objects.for_page().get(pk=filing.pk)))
    return Filing.objects.for_page().get(pk=filing.pk)


def _half_write(round: Round, institution: int) -> None:
    """The first head done, changes of the year in lines, one file attached; the statistics are not submitted yet."""
    by = _member(Role.FILER, institution=institution)
    answers = {code: text for code, text in (FIGURES | TEXTS).items() if code in HALF}
    filing = _type(_of(round, institution), by, answers | {"R102": "1", "R103": dump(CHANGE)})
    _attach(filing, "R902", by, "资质认定证书及附表.pdf")


def _attach(filing: Filing, code: str, by: Membership, name: str) -> None:
    item = filing.round.scheme.definition.indicator(code)
    receive(filing=filing, item=item, chunks=[_paper(2)], name=name, by=by)


def _paper(pages: int) -> bytes:
    """A whole PDF of empty pages, as a scanner would make it of blank sheets."""
    numbers = count(3)
    ids = [next(numbers) for _page in range(pages)]
    objects = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj" % (pages, b" ".join(b"%d 0 R" % pk for pk in ids)),
        *(b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj" % pk for pk in ids),
    ]
    content, places = b"%PDF-1.4\n", []
    for one in objects:
        places.append(len(content))
        content += one + b"\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return content + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(content),
    )  # fmt: skip


def _send(filing: Filing) -> Filing:
    by = _member(Role.SIGNER, institution=filing.institution_id)
    filing = _type(filing, by, FIGURES | TEXTS)
    for code, name in (("R901", "年度报告签字盖章件.pdf"), ("R903", "自我声明.pdf")):
        _attach(filing, code, by, name)
        filing = Filing.objects.for_page().get(pk=filing.pk)
    submit(filing=filing, by=by, version=filing.version, stamp=examine(filing).digest, pledged=True)
    return Filing.objects.for_page().get(pk=filing.pk)


def _give_back(filing: Filing) -> None:
    assert filing.step_id is not None
    assert filing.revision is not None
    remark = RemarkDraft("AR", "", "R106", "missing", "请补充期间核查不合格设备的处置情况。")
    give_back(
        filing=filing, by=_member(Role.REVIEWER, bureau=filing.step_id), version=filing.version,
        revision=filing.revision.number, note="设备情况说明不完整，请按批注补充后重报。", remarks=[remark],
    )  # fmt: skip
