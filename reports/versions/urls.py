from __future__ import annotations

from django.urls import path

from reports.versions import views, views_drafts, views_preview, views_trial

app_name = "versions"
ONE = "<slug:code>/<int:version>/"
urlpatterns = [
    path("", views.scheme_list, name="scheme-list"),
    path("new/", views_drafts.scheme_new, name="scheme-new"),
    path("new/copy/", views_drafts.scheme_copy, name="scheme-copy"),
    path("new/upload/", views_drafts.scheme_create, name="scheme-create"),
    path(ONE, views.scheme_detail, name="scheme-detail"),
    path(f"{ONE}workbook/", views.scheme_workbook, name="scheme-workbook"),
    path(f"{ONE}compare/", views.scheme_compare, name="scheme-compare"),
    path(f"{ONE}upload/", views_drafts.scheme_upload, name="scheme-upload"),
    path(f"{ONE}uploads/<int:pk>/", views_drafts.upload_download, name="upload-download"),
    path(f"{ONE}mapping/", views_drafts.scheme_mapping, name="scheme-mapping"),
    path(f"{ONE}trial/", views_trial.scheme_trial, name="scheme-trial"),
    path(f"{ONE}preview/", views_preview.scheme_preview, name="scheme-preview"),
    path(f"{ONE}delete/", views_drafts.scheme_delete, name="scheme-delete"),
    path(f"{ONE}publish/", views_drafts.scheme_publish, name="scheme-publish"),
]
