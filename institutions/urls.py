"""Institutions, accounts and authorisations."""

from django.urls import path

from institutions import views
from institutions.accounts import managing
from institutions.policies import policy_list

app_name = "institutions"

urlpatterns = [
    path("institutions/", views.institution_list, name="institution-list"),
    path("institutions/<uuid:public_id>/", views.institution_detail, name="institution-detail"),
    path("authorisations/", views.authorisation_list, name="authorisation-list"),
    path("authorisations/<str:code>/give/", views.authorisation_give, name="authorisation-give"),
    path("authorisations/<str:code>/withdraw/", views.authorisation_withdraw, name="authorisation-withdraw"),
    path("accounts/", managing.account_list, name="account-list"),
    path("accounts/<int:pk>/activate/", managing.account_activate, name="account-activate"),
    path("accounts/<int:pk>/deactivate/", managing.account_deactivate, name="account-deactivate"),
    path("accounts/<int:pk>/password/", managing.account_password, name="account-password"),
    path("policies/", policy_list, name="policy-list"),
]
