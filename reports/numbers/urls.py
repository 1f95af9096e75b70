from __future__ import annotations

from django.urls import path

from reports.numbers import (
    views,
    views_api,
    views_bureau,
    views_numbers,
    views_public,
    views_sending,
    views_signing,
    views_tokens,
)

app_name = "numbers"
urlpatterns = [
    path("api/v1/docs", views_api.api_docs, name="api-docs"),
    path("verify/", views_public.lookup_page, name="lookup"),
    path("numbers/coverage/", views_bureau.coverage, name="coverage"),
    path("numbers/coverage/workbook/", views_bureau.coverage_workbook, name="coverage-workbook"),
    path("numbers/shared/", views_bureau.shared_list, name="shared-list"),
    path("numbers/tokens/", views_tokens.token_list, name="token-list"),
    path("numbers/tokens/create/", views_tokens.token_create, name="token-create"),
    path("numbers/tokens/<int:pk>/revoke/", views_tokens.token_revoke, name="token-revoke"),
    path("numbers/institutions/<uuid:public_id>/code/", views_public.lookup_code, name="lookup-code"),
    path("numbers/batches/<uuid:public_id>/", views.batch_detail, name="batch-detail"),
    path("numbers/batches/<uuid:public_id>/reasons/", views.batch_reasons, name="batch-reasons"),
    path("numbers/batches/<uuid:public_id>/cancel/", views.batch_cancel, name="batch-cancel"),
    path("numbers/batches/<uuid:public_id>/confirm/", views.batch_confirm, name="batch-confirm"),
    path("numbers/batches/<uuid:public_id>/marked/", views.batch_marked, name="batch-marked"),
    path("numbers/<uuid:public_id>/", views.quarter_detail, name="quarter-detail"),
    path("numbers/<uuid:public_id>/declare/", views.quarter_declare, name="quarter-declare"),
    path("numbers/<uuid:public_id>/template/", views_sending.template, name="template"),
    path("numbers/<uuid:public_id>/batches/", views.batch_list, name="batch-list"),
    path("numbers/<uuid:public_id>/upload/", views_sending.batch_upload, name="batch-upload"),
    path("numbers/<uuid:public_id>/paste/", views_sending.batch_paste, name="batch-paste"),
    path("numbers/<uuid:public_id>/range/", views_sending.batch_range, name="batch-range"),
    path("numbers/<uuid:public_id>/numbers/", views_numbers.number_list, name="number-list"),
    path("numbers/<uuid:public_id>/number/", views_numbers.number_detail, name="number-detail"),
    path("numbers/<uuid:public_id>/number/void/", views_numbers.number_void, name="number-void"),
    path("numbers/<uuid:public_id>/number/replace/", views_numbers.number_replace, name="number-replace"),
    path("numbers/<uuid:public_id>/extract/", views_numbers.extract, name="extract"),
    path("numbers/<uuid:public_id>/explanation/", views_signing.explanation_save, name="explanation-save"),
    path("numbers/<uuid:public_id>/remark/", views_signing.remark_answer, name="remark-answer"),
    path("numbers/<uuid:public_id>/preview/", views_signing.quarter_preview, name="quarter-preview"),
    path("numbers/<uuid:public_id>/submit/", views_signing.quarter_submit, name="quarter-submit"),
    path("numbers/<uuid:public_id>/recall/", views_signing.quarter_recall, name="quarter-recall"),
    path("numbers/<uuid:public_id>/history/<int:number>/", views_signing.revision_detail, name="revision-detail"),
]
