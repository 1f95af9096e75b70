from __future__ import annotations

from django.urls import path

from reports.summaries import views

app_name = "summaries"
urlpatterns = [
    path("", views.build_list, name="build-list"),
    path("new/", views.build_create, name="build-create"),
    path("<uuid:public_id>/", views.build_detail, name="build-detail"),
]
