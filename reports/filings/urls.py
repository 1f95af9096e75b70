from __future__ import annotations

from django.urls import path

from reports.filings import views, views_filling, views_history, views_last, views_sending
from reports.filings.departments import views as views_department
from reports.filings.extensions import views as views_extension
from reports.filings.paper import views as views_paper
from reports.filings.signing import views as views_signing
from reports.filings.spreadsheet import views as views_workbook

app_name = "filings"
urlpatterns = [
    path("", views.filing_list, name="filing-list"),
    path("check/", views_paper.receipt_check, name="receipt-check"),
    path("<uuid:public_id>/", views.filing_detail, name="filing-detail"),
    path("<uuid:public_id>/tables/<code>/", views_filling.table_edit, name="table-edit"),
    path("<uuid:public_id>/tables/<code>/cells/", views_filling.cell_save, name="cell-save"),
    path("<uuid:public_id>/tables/<code>/last-year/", views_last.last_year_take, name="last-year-take"),
    path("<uuid:public_id>/tables/<code>/rows/add/", views_filling.row_add, name="row-add"),
    path("<uuid:public_id>/tables/<code>/rows/remove/", views_filling.row_remove, name="row-remove"),
    path("<uuid:public_id>/tables/<code>/rows/move/", views_filling.row_move, name="row-move"),
    path("<uuid:public_id>/findings/", views_filling.finding_list, name="finding-list"),
    path("<uuid:public_id>/findings/explanation/", views_filling.explanation_save, name="explanation-save"),
    path("<uuid:public_id>/remarks/answer/", views_filling.remark_answer, name="remark-answer"),
    path("<uuid:public_id>/preview/", views_sending.filing_preview, name="filing-preview"),
    path("<uuid:public_id>/submit/", views_sending.filing_submit, name="filing-submit"),
    path("<uuid:public_id>/hand-over/", views_signing.filing_hand_over, name="filing-hand-over"),
    path("<uuid:public_id>/hand-back/", views_signing.filing_hand_back, name="filing-hand-back"),
    path("<uuid:public_id>/recall/", views_sending.filing_recall, name="filing-recall"),
    path("<uuid:public_id>/receipts/<int:number>/", views_sending.receipt_detail, name="receipt-detail"),
    path("<uuid:public_id>/receipts/<int:number>/receipt.pdf", views_paper.receipt_paper, name="receipt-paper"),
    path("<uuid:public_id>/draft.pdf", views_paper.draft_paper, name="draft-paper"),
    path("<uuid:public_id>/history/<int:number>/tables.pdf", views_paper.revision_paper, name="revision-paper"),
    path("<uuid:public_id>/workbook.xlsx", views_workbook.workbook_download, name="workbook-download"),
    path("<uuid:public_id>/workbook/", views_workbook.workbook_upload, name="workbook-upload"),
    path("<uuid:public_id>/workbook/apply/", views_workbook.workbook_apply, name="workbook-apply"),
    path("<uuid:public_id>/workbook/marked.xlsx", views_workbook.workbook_marked, name="workbook-marked"),
    path("<uuid:public_id>/extension/", views_extension.extension_ask, name="extension-ask"),
    path("<uuid:public_id>/department/", views_department.department_ask, name="department-ask"),
    path("departments/<uuid:public_id>/withdraw/", views_department.department_take_back, name="department-take-back"),
    path("extensions/<uuid:public_id>/withdraw/", views_extension.extension_take_back, name="extension-take-back"),
    path("extensions/<uuid:public_id>/file/", views_extension.extension_file, name="extension-file"),
    path("<uuid:public_id>/history/", views_history.revision_list, name="revision-list"),
    path("<uuid:public_id>/history/<int:number>/", views_history.revision_detail, name="revision-detail"),
]
