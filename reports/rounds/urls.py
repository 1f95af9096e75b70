from __future__ import annotations

from django.urls import path

from reports.rounds import views

app_name = "rounds"
urlpatterns = [
    path("", views.round_list, name="round-list"),
    path("<uuid:public_id>/", views.round_detail, name="round-detail"),
]
