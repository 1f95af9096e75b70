"""Writing an announcement, seeing whom it reaches, publishing and withdrawing it, reminding."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.paging import page_of
from portal.uploads.bodies import must_not_exceed
from reports.filings.errors import Incomplete, must
from review.announcements import actions, rules
from review.announcements.audience import audience_of, reach
from review.announcements.forms import AnnouncementForm, WithdrawForm, initial_of
from review.announcements.models import Announcement, AnnouncementFile
from review.announcements.queries import people_unread
from review.queue.asking import rounds_with_roster

writes = acting(Permission.URGE)


def _find(request: HttpRequest, public_id: uuid.UUID) -> Announcement:
    return get_object_or_404(Announcement.objects.visible_to(acting_as(request)), public_id=public_id)


@require_safe
@writes
def written_list(request: HttpRequest) -> HttpResponse:
    """What the bureau and those below it wrote, with how many were reached and have read it."""
    membership = acting_as(request)
    page = page_of(request, Announcement.objects.visible_to(membership).newest_written())
    unread = people_unread(page)
    rows = [(one, unread.get(one.pk, 0), (one.people or 0) - unread.get(one.pk, 0)) for one in page]
    return render(request, "announcements/written_list.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@writes
def announcement_new(request: HttpRequest) -> HttpResponse:
    form = _form(acting_as(request), request.POST or None, {"roles": ["filer", "signer", "unit_admin"]})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write(content=form.content(), by=acting_as(request))
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("The draft is saved. See below whom it reaches, add files, then publish it."))
            return redirect("announcements:announcement-written", made.public_id)
    context = {"form": form}
    return render(request, "announcements/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@writes
def announcement_written(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A draft with its form, or what became of what was published."""
    announcement, membership = _find(request, public_id), acting_as(request)
    if not announcement.is_draft:
        if request.method == "POST":
            must(rules.can_change(membership, announcement))
        return _published(request, announcement)
    if request.method != "POST":
        return _draft(request, announcement, _form(membership, None, initial_of(announcement)))
    if (refusal := _save(request, announcement)) is not None:
        return refusal
    messages.success(request, _("The draft is saved."))
    return redirect("announcements:announcement-written", announcement.public_id)


def _form(membership: Membership, typed: QueryDict | None, initial: dict[str, Any]) -> AnnouncementForm:
    assert membership.bureau is not None, "rules.can_write"
    return AnnouncementForm(
        typed,
        initial=initial,
        own=membership.bureau,
        bureaus=Bureau.objects.visible_to(membership),
        rounds=rounds_with_roster(membership),
    )


def _save(request: HttpRequest, announcement: Announcement, *, wrong_file: str = "") -> HttpResponse | None:
    """None when the draft is saved as it was typed; else its page with what was typed, and why not."""
    membership = acting_as(request)
    form, status = _form(membership, request.POST, {}), 422
    if form.is_valid():
        try:
            actions.write(
                content=form.content(), by=membership, announcement=announcement, seen=form.cleaned_data["seen"]
            )
            return None
        except actions.ChangedMeanwhile as refused:
            form.add_error(None, str(refused.reason))
            announcement, status = _find(request, announcement.public_id), refused.status
            form.save_over(announcement)
        except Incomplete as refused:
            form.add_error(None, str(refused.reason))
    return _draft(request, announcement, form, wrong_file=wrong_file, status=status)


def _draft(
    request: HttpRequest,
    announcement: Announcement,
    form: AnnouncementForm,
    *,
    wrong_file: str = "",
    status: int = 200,
) -> HttpResponse:
    reached = reach(audience_of(announcement))
    context = {
        "announcement": announcement,
        "form": form,
        "reach": reached,
        "files": announcement.files.all(),
        "wrong_file": wrong_file,
        "may_publish": rules.can_publish(acting_as(request), announcement, reached.people),
    }
    return render(request, "announcements/draft.html", context, status=status)


def _published(request: HttpRequest, announcement: Announcement, form: WithdrawForm | None = None) -> HttpResponse:
    membership = acting_as(request)
    unread = people_unread([announcement]).get(announcement.pk, 0)
    today = localtime(database_now()).date()
    context = {
        "announcement": announcement,
        "files": announcement.files.all(),
        "areas": announcement.areas.all(),
        "unread": unread,
        "read": (announcement.people or 0) - unread,
        "form": form or WithdrawForm(),
        "may_withdraw": rules.can_withdraw(membership, announcement),
        "may_remind": rules.can_remind(membership, announcement, unread, today),
    }
    return render(request, "announcements/published.html", context, status=422 if form is not None else 200)


@require_POST
@writes
def announcement_publish(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    announcement = actions.publish(announcement=_find(request, public_id), by=acting_as(request))
    messages.success(request, _("Published. It is going out; this page says how many it reached."))
    return redirect("announcements:announcement-written", announcement.public_id)


@require_POST
@writes
def announcement_withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    announcement, form = _find(request, public_id), WithdrawForm(request.POST)
    if not form.is_valid():
        must(rules.can_withdraw(acting_as(request), announcement))
        return _published(request, announcement, form)
    actions.withdraw(announcement=announcement, reason=form.cleaned_data["reason"], by=acting_as(request))
    messages.success(request, _("Withdrawn. Those who have it see that, and why."))
    return redirect("announcements:announcement-written", announcement.public_id)


@require_POST
@writes
def announcement_remind(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    announcement = _find(request, public_id)
    people = actions.remind(announcement=announcement, by=acting_as(request))
    words = ngettext("%(count)s person is being reminded.", "%(count)s people are being reminded.", people)
    messages.success(request, words % {"count": people})
    return redirect("announcements:announcement-written", announcement.public_id)


@require_POST
@writes
def announcement_discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    actions.discard(announcement=_find(request, public_id), by=acting_as(request))
    messages.success(request, _("The draft is deleted."))
    return redirect("announcements:written-list")


@csrf_exempt  # checked in `_attach`, after the length: reading a body that is too long costs memory and disk
@require_POST
@writes
def file_attach(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    words = _("A file may have at most %(most)d MB. Scan it in grey at 200 points an inch, or split it.")
    must_not_exceed(request, settings.ANNUAL_FILE_MB, words % {"most": settings.ANNUAL_FILE_MB})
    answer: HttpResponse = _attach(request, public_id)
    return answer


@csrf_protect
def _attach(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    announcement, membership = _find(request, public_id), acting_as(request)
    must(rules.can_change(membership, announcement))
    if "text" in request.POST:
        not_attached = _("The draft was not saved, so the file was not attached. Choose it again.")
        if (refusal := _save(request, announcement, wrong_file=not_attached)) is not None:
            return refusal
        announcement = _find(request, public_id)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Incomplete(_("No file was chosen."))
        actions.attach(announcement=announcement, chunks=upload.chunks(2**20), name=upload.name or "", by=membership)
    except Incomplete as refused:
        form = _form(membership, None, initial_of(announcement))
        return _draft(request, announcement, form, wrong_file=str(refused.reason), status=422)
    messages.success(request, _("The file was looked into and attached."))
    return redirect("announcements:announcement-written", announcement.public_id)


@require_POST
@writes
def file_detach(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    written = Announcement.objects.visible_to(acting_as(request)).order_by().values("pk")
    files = AnnouncementFile.objects.filter(announcement__in=written).select_related("announcement")
    file = get_object_or_404(files, public_id=public_id)
    actions.detach(file=file, by=acting_as(request))
    messages.success(request, _("“%(name)s” was removed.") % {"name": file.name})
    return redirect("announcements:announcement-written", file.announcement.public_id)
