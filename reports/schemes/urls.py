from __future__ import annotations

from django.urls import path

from reports.schemes import views

app_name = "schemes"
urlpatterns = [
    path("", views.help_index, name="help-index"),
    path("tables/<slug:code>/", views.table_help, name="table-help"),
    path("checks/", views.check_help, name="check-help"),
    path("checks/<slug:code>/", views.check_detail, name="check-detail"),
    path("indicators/<slug:code>/", views.indicator_help, name="indicator-help"),
    path("scheme.xlsx", views.scheme_download, name="scheme-download"),
]
