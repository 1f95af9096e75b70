from __future__ import annotations

from django.urls import path

from reports.rounds import views, views_planning

app_name = "rounds"
urlpatterns = [
    path("", views.round_list, name="round-list"),
    path("new/", views_planning.round_new, name="round-new"),
    path("days/", views_planning.day_list, name="day-list"),
    path("<uuid:public_id>/", views.round_detail, name="round-detail"),
    path("<uuid:public_id>/calendar/", views_planning.round_calendar, name="round-calendar"),
    path("<uuid:public_id>/close/", views_planning.round_close, name="round-close"),
    path("<uuid:public_id>/open/", views_planning.round_open_again, name="round-open-again"),
]
