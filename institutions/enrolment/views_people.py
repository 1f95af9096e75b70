"""The people of an institution or a bureau: who works there, who is invited, who left.

For the institution itself and the bureaus above it; of bureaus, for the system administrators above them.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.actions import AppointedAlready
from institutions.enrolment import actions, idle
from institutions.enrolment.errors import NotInvited
from institutions.enrolment.forms import EndForm, HandOverForm, InviteForm
from institutions.enrolment.mailing import address_of, send_invitation
from institutions.enrolment.models import Invitation
from institutions.enrolment.rules import can_end, can_hand_over, can_manage_people
from institutions.enrolment.telling import people_page
from institutions.models import Bureau, Institution, Membership
from institutions.roles import Permission
from portal.clock import database_now

#: Ended roles and settled invitations shown.
MOST_PAST = 20

sees_people = acting(Permission.READ_OWN_FILINGS, Permission.READ_INSTITUTIONS)
sees_roles = acting(Permission.READ_OWN_FILINGS, Permission.READ_INSTITUTIONS, Permission.MANAGE_ACCOUNTS)
manages_accounts = acting(Permission.MANAGE_ACCOUNTS)


def _institution(request: HttpRequest, public_id: UUID) -> Institution:
    visible = Institution.objects.visible_to(acting_as(request)).select_related("home_bureau")
    return get_object_or_404(visible, public_id=public_id)


@never_cache
@require_safe
@sees_people
def people_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, _institution(request, public_id))


@never_cache
@require_safe
@acting(Permission.READ_OWN_FILINGS)
def people_own(request: HttpRequest) -> HttpResponse:
    institution = acting_as(request).institution
    if institution is None:
        raise Http404
    return _page(request, institution)


@never_cache
@require_safe
@manages_accounts
def bureau_people(request: HttpRequest) -> HttpResponse:
    """Of the administrator's own bureau, or of `?bureau=` below it."""
    own = acting_as(request).bureau
    assert own is not None, "administrators work for bureaus"
    return _page(request, _bureau(request, request.GET.get("bureau", own.code)))


def _bureau(request: HttpRequest, code: str) -> Bureau:
    if "\x00" in code:
        raise Http404  # the database knows no such character
    return get_object_or_404(Bureau.objects.visible_to(acting_as(request)), code=code)


def _page(
    request: HttpRequest,
    place: Bureau | Institution,
    *,
    form: Form | None = None,
    made: tuple[Invitation, str] | None = None,
    mailed: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`made` is a new invitation with its secret, on the only page that ever shows it."""
    membership = acting_as(request)
    institution = place if isinstance(place, Institution) else None
    at = {"institution": place} if institution is not None else {"bureau": place}
    held = Membership.objects.own().filter(**at).select_related("user", "institution__home_bureau", "bureau")
    people = list(held.filter(ended_at=None).order_by("role", "id"))
    for one in people:
        one.verdict = can_hand_over(membership, one)  # type: ignore[attr-defined]
    now = database_now()
    invitations = list(place.invitations.select_related("created_by__user", "replaces__user")[:MOST_PAST])
    context = {
        "place": place,
        "institution": institution,
        "bureaus": [] if institution is not None else Bureau.objects.visible_to(membership),
        "people": people,
        "former": held.filter(ended_at__isnull=False).order_by("-ended_at")[:MOST_PAST],
        "invitations": [(one, one.state_at(now)) for one in invitations],
        "verdict": can_manage_people(membership, place),
        "form": form or InviteForm(place=place),
        "made": made[0] if made else None,
        "address": address_of(made[1]) if made else "",
        "mailed": mailed,
    }
    return render(request, "institutions/people/list.html", context, status=status)


@never_cache
@require_POST
@sees_people
def invitation_create(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _invite(request, _institution(request, public_id))


@never_cache
@require_POST
@manages_accounts
def bureau_invite(request: HttpRequest, code: str) -> HttpResponse:
    return _invite(request, _bureau(request, code))


def _invite(request: HttpRequest, place: Bureau | Institution) -> HttpResponse:
    form = InviteForm(request.POST, place=place)
    if form.is_valid():
        try:
            made = actions.invite(place=place, by=acting_as(request), **form.cleaned_data)
        except NotInvited as refused:
            form.add_error(None, str(refused.reason))
        else:
            return _shown_once(request, made)
    return _page(request, place, form=form, status=422)


def _shown_once(request: HttpRequest, made: tuple[Invitation, str]) -> HttpResponse:
    invitation, secret = made
    mailed = bool(invitation.email) and send_invitation(invitation, secret)
    return _page(request, invitation.place, made=made, mailed=mailed)


@require_POST
@sees_roles
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Invitation.objects.visible_to(acting_as(request)).select_related("institution__home_bureau", "bureau")
    invitation = actions.revoke(invitation=get_object_or_404(visible, pk=pk), by=acting_as(request))
    if invitation.revoked_at is not None:
        messages.success(request, _("The invitation of %(name)s opens nothing any more.") % {"name": invitation.name})
    else:
        messages.warning(request, _("The invitation of %(name)s was accepted before.") % {"name": invitation.name})
    return redirect(people_page(invitation.place))


# -- one role --------------------------------------------------------------------------------------------------------


def _membership(request: HttpRequest, pk: int) -> Membership:
    visible = Membership.objects.visible_to(acting_as(request))
    return get_object_or_404(visible.select_related("user", "institution__home_bureau", "bureau"), pk=pk)


@never_cache
@require_safe
@sees_roles
def membership_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A role with the two ways in which it ends."""
    return _leaving(request, _membership(request, pk))


def _leaving(
    request: HttpRequest,
    membership: Membership,
    *,
    hand: Form | None = None,
    ending: Form | None = None,
    opening: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    by = acting_as(request)
    context = {
        "one": membership,
        "place": membership.place,
        "back": people_page(membership.place),
        "hand": hand or HandOverForm(membership=membership, by=by, prefix="hand"),
        "ending": ending or EndForm(prefix="end"),
        "may_hand_over": can_hand_over(by, membership),
        "may_end": can_end(by, membership),
        "closed": None if membership.user.is_active else idle.closed_warning(membership.user),
        "opening": opening or EndForm(prefix="open"),
        "may_reopen": idle.can_reopen(by, membership),
    }
    return render(request, "institutions/people/membership.html", context, status=status)


@require_POST
@sees_roles
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    form = EndForm(request.POST, prefix="end")
    if not form.is_valid():
        return _leaving(request, membership, ending=form, status=422)
    actions.end(membership=membership, by=acting_as(request), **form.cleaned_data)
    messages.success(request, _("%(name)s holds the role no more.") % {"name": membership.user})
    return _to_people(request, membership)


@require_POST
@sees_roles
def membership_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """The account that the clock closed; by the bureau."""
    membership = _membership(request, pk)
    form = EndForm(request.POST, prefix="open")
    if not form.is_valid():
        return _leaving(request, membership, opening=form, status=422)
    user = idle.reopen(membership=membership, by=acting_as(request), **form.cleaned_data)
    messages.success(request, _("The account of %(name)s is open again.") % {"name": user})
    return _to_people(request, membership)


@never_cache
@require_POST
@sees_roles
def membership_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership(request, pk)
    form = HandOverForm(request.POST, membership=membership, by=acting_as(request), prefix="hand")
    if form.is_valid():
        try:
            return _hand_over(request, membership, form)
        except (NotInvited, AppointedAlready) as refused:
            form.add_error(None, str(refused.reason))
    return _leaving(request, membership, hand=form, status=422)


def _hand_over(request: HttpRequest, membership: Membership, form: HandOverForm) -> HttpResponse:
    typed, by = form.cleaned_data, acting_as(request)
    successor = form.successor
    if successor is not None:
        new = actions.hand_over(membership=membership, to=successor, reason=typed["reason"], by=by)
        messages.success(request, _("%(name)s holds the role now.") % {"name": new.user})
        return _to_people(request, membership)
    made = actions.hand_over_by_invitation(
        membership=membership, name=typed["name"], email=typed["email"], at_once=typed["when"] == "now",
        reason=typed["reason"], by=by,
    )  # fmt: skip
    return _shown_once(request, made)


def _to_people(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Where the list is; who gave away their own role may see it no more, and goes home."""
    if membership.user_id == acting_as(request).user_id:
        return redirect("home")
    return redirect(people_page(membership.place))
