"""The person's own pages; included at the root, without a namespace."""

from django.urls import path

from institutions.accounts import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("account/", views.profile, name="profile"),
    path("account/password/", views.password_change, name="password-change"),
    path("account/details/", views.details_change, name="details-change"),
    path("account/sessions/end/", views.sessions_end, name="sessions-end"),
    path("account/membership/", views.membership_switch, name="membership-switch"),
]
