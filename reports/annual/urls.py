from __future__ import annotations

from django.urls import path

from reports.annual import views, views_files, views_paper, views_sending

app_name = "annual"
urlpatterns = [
    path("<uuid:public_id>/", views.report_detail, name="report-detail"),
    path("<uuid:public_id>/heads/<int:number>/", views.head_edit, name="head-edit"),
    path("<uuid:public_id>/summary/", views.summary_draw, name="summary-draw"),
    path("<uuid:public_id>/files/<code>/", views_files.attachment_add, name="attachment-add"),
    path("files/<uuid:public_id>/", views_files.attachment_fetch, name="attachment-fetch"),
    path("files/<uuid:public_id>/remove/", views_files.attachment_remove, name="attachment-remove"),
    path("<uuid:public_id>/preview/", views_sending.report_preview, name="report-preview"),
    path("<uuid:public_id>/report.pdf", views_paper.draft_paper, name="draft-paper"),
    path("<uuid:public_id>/submit/", views_sending.report_submit, name="report-submit"),
    path("<uuid:public_id>/recall/", views_sending.report_recall, name="report-recall"),
    path("<uuid:public_id>/remarks/answer/", views_sending.remark_answer, name="remark-answer"),
    path("<uuid:public_id>/history/<int:number>/", views_sending.revision_detail, name="revision-detail"),
    path("<uuid:public_id>/history/<int:number>/report.pdf", views_paper.revision_paper, name="revision-paper"),
]
