"""Institutions, accounts and authorisations."""

from django.urls import path

from institutions import views
from institutions import views_grants as authorising
from institutions.accounts import managing
from institutions.enrolment import views_applications as applications
from institutions.enrolment import views_applying as applying
from institutions.enrolment import views_invited as invited
from institutions.enrolment import views_people as people
from institutions.enrolment.contacts import contact_check
from institutions.helplines.views import help_line_list
from institutions.policies import policy_list
from institutions.register import views as register
from institutions.register.views_acts import institution_act
from institutions.register.views_lists import register_list, register_list_workbook

app_name = "institutions"

urlpatterns = [
    path("institutions/", views.institution_list, name="institution-list"),
    path("institutions/<uuid:public_id>/", views.institution_detail, name="institution-detail"),
    path("institutions/<uuid:public_id>/<slug:act>/change/", institution_act, name="institution-act"),
    path("institutions/<uuid:public_id>/people/", people.people_list, name="people-list"),
    path("institutions/<uuid:public_id>/people/invite/", people.invitation_create, name="invitation-create"),
    path("people/", people.people_own, name="people-own"),
    path("people/<int:pk>/", people.membership_detail, name="membership-detail"),
    path("people/<int:pk>/end/", people.membership_end, name="membership-end"),
    path("people/<int:pk>/hand-over/", people.membership_hand_over, name="membership-hand-over"),
    path("people/<int:pk>/open/", people.membership_reopen, name="membership-reopen"),
    path("accounts/bureaus/", people.bureau_people, name="bureau-people"),
    path("accounts/bureaus/<str:code>/invite/", people.bureau_invite, name="bureau-invite"),
    path("invitations/<int:pk>/revoke/", people.invitation_revoke, name="invitation-revoke"),
    path("invitation/", invited.invitation_accept, name="invitation-accept"),
    path("contact/", contact_check, name="contact-check"),
    path("register/", applying.application_new, name="application-new"),
    path("register/status/", applying.application_status, name="application-status"),
    path("applications/", applications.application_list, name="application-list"),
    path("applications/<uuid:public_id>/", applications.application_detail, name="application-detail"),
    path("applications/<uuid:public_id>/approve/", applications.application_approve, name="application-approve"),
    path("applications/<uuid:public_id>/refuse/", applications.application_refuse, name="application-refuse"),
    path("institutions/lists/<slug:which>/", register_list, name="register-list"),
    path("institutions/lists/<slug:which>/workbook/", register_list_workbook, name="register-list-workbook"),
    path("institutions/imports/", register.import_list, name="import-list"),
    path("institutions/imports/example/", register.import_example, name="import-example"),
    path("institutions/imports/<uuid:public_id>/", register.import_detail, name="import-detail"),
    path("institutions/imports/<uuid:public_id>/columns/", register.import_columns, name="import-columns"),
    path("institutions/imports/<uuid:public_id>/apply/", register.import_apply, name="import-apply"),
    path("institutions/imports/<uuid:public_id>/discard/", register.import_discard, name="import-discard"),
    path("institutions/imports/<uuid:public_id>/marked/", register.import_marked, name="import-marked"),
    path("authorisations/", authorising.authorisation_list, name="authorisation-list"),
    path("authorisations/prefectures/", authorising.authorisation_give, name="authorisation-give"),
    path("authorisations/stand-ins/", authorising.stand_in_give, name="stand-in-give"),
    path("authorisations/inspectors/", authorising.inspector_give, name="inspector-give"),
    path("authorisations/<int:pk>/", authorising.authorisation_detail, name="authorisation-detail"),
    path("authorisations/<int:pk>/withdraw/", authorising.authorisation_withdraw, name="authorisation-withdraw"),
    path("accounts/", managing.account_list, name="account-list"),
    path("accounts/<int:pk>/activate/", managing.account_activate, name="account-activate"),
    path("accounts/<int:pk>/deactivate/", managing.account_deactivate, name="account-deactivate"),
    path("accounts/<int:pk>/password/", managing.account_password, name="account-password"),
    path("policies/", policy_list, name="policy-list"),
    path("help/contacts/", help_line_list, name="help-line-list"),
]
