"""Announcements: the province's notice with its schedule, read by most; a draft that a county is still writing."""

from __future__ import annotations

import datetime as dt
import io

from django.db.models import F, Value
from django.db.models.functions import Mod, Now
from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.generator.calendar import DAY
from institutions.models import Membership
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from reports.rounds.models import Round
from review.announcements import actions, tasks
from review.announcements.actions import Content
from review.announcements.models import Announcement, ReadReceipt

COUNTY = "350102"
#: One person of so many has not read the notice; the people of the demonstration's accounts are among them.
NOT_READ = 5
NOTICE = """各检验检测机构、各设区市和县（市、区）市场监督管理局：

{title}已经开始。请各机构按附件日程在线填报，填报前先核对资质证书和场所信息；数据由填报人填写，由单位负责人确认签署后报送。

各级审核部门请督促辖区内机构按时、如实报送，对审核问题逐条核实。填报中遇到问题，请先查阅系统“帮助”中的表、指标和审核关系说明，仍不清楚的按帮助页上的联系方式咨询。"""
REMINDER = """辖区各机构：

区局将于本周起逐家核对尚未报送的机构。请已退回的机构对照批注修改后尽快重新报送；确有困难的，可在填报件页面申请延期。"""


def announce(round: Round, *, now: dt.datetime) -> None:
    """By the actions of the product; afterwards the times are moved to a week and a half ago, and most have read it."""
    province = Membership.objects.select_related("bureau", "user").get(
        role=Role.STATISTICIAN, bureau__parent=None, user__is_demo=True
    )
    county = (
        Membership.objects.select_related("bureau", "user")
        .filter(bureau__code=COUNTY, role=Role.REVIEWER)
        .earliest("pk")
    )
    roles = [Role.FILER, Role.SIGNER, Role.UNIT_ADMIN, Role.REVIEWER]
    content = Content(
        title=f"关于做好{round.title_zh}工作的通知", text=NOTICE.format(title=round.title_zh), roles=roles
    )
    notice = actions.write(content=content, by=province)
    actions.attach(announcement=notice, chunks=[_schedule(round)], name="填报日程.xlsx", by=province)
    actions.publish(announcement=notice, by=province)
    job = Job.objects.get(kind="announcement.deliver", params__announcement=notice.pk)
    tasks.deliver(job, Silent(job))
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, started_at=Now(), beat_at=Now(), finished_at=Now())
    _some_days_ago(notice, now - 11 * DAY)
    draft = Content(
        title="关于未报送和被退回机构的提醒", text=REMINDER, roles=[Role.FILER, Role.SIGNER], round=round,
        states=["due", "drafting", "returned"],
    )  # fmt: skip
    actions.write(content=draft, by=county)


def _some_days_ago(notice: Announcement, at: dt.datetime) -> None:
    Announcement.objects.filter(pk=notice.pk).update(published_at=at, changed_at=at)
    told = ReadReceipt.objects.filter(announcement=notice)
    told.update(at=at)
    readers = told.annotate(turn=Mod(F("recipient_id"), Value(NOT_READ))).exclude(turn=0)
    readers.exclude(recipient__username__in=("filer", "gulou")).update(read_at=at + DAY)
    messages = Notice.objects.filter(once_key=notice.once_key)
    messages.update(created_at=at, mailed_at=at + dt.timedelta(minutes=1), mail_handed_at=at, mail_attempts=1)
    read = told.filter(read_at__isnull=False).values("recipient")
    messages.filter(recipient__in=read).update(read_at=at + DAY)


def _schedule(round: Round) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "填报日程"
    sheet.append([f"{round.title_zh}日程"])
    sheet.append(["阶段", "开始", "截止"])
    for phase in round.phases.all():
        sheet.append(
            [
                str(phase.get_name_display()),
                f"{localtime(phase.opens_at):%Y-%m-%d}",
                f"{localtime(phase.due_at):%Y-%m-%d %H:%M}",
            ]
        )
    for column, width in (("A", 18), ("B", 14), ("C", 20)):
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
