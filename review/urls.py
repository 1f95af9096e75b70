from __future__ import annotations

from django.urls import path

from review.contacts import views as contacts
from review.coverage import views as coverage
from review.departments import views as departments
from review.extensions import views as extensions
from review.queue import views as queue
from review.reading import views as reading
from review.roster import views as roster
from review.urging import views as urging

app_name = "review"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("pass/", queue.queue_pass, name="queue-pass"),
    path("filings/<uuid:public_id>/", reading.filing_read, name="filing-read"),
    path("filings/<uuid:public_id>/peek/", queue.filing_peek, name="filing-peek"),
    path("filings/<uuid:public_id>/open/", reading.filing_open, name="filing-open"),
    path("filings/<uuid:public_id>/pass/", reading.filing_pass, name="filing-pass"),
    path("filings/<uuid:public_id>/return/", reading.filing_return, name="filing-return"),
    path("filings/<uuid:public_id>/reopen/", reading.filing_reopen, name="filing-reopen"),
    path("filings/<uuid:public_id>/excuse/", reading.filing_excuse, name="filing-excuse"),
    path("filings/<uuid:public_id>/remarks/", reading.remark_add, name="remark-add"),
    path("remarks/<int:pk>/remove/", reading.remark_remove, name="remark-remove"),
    path("findings/<int:pk>/judge/", reading.finding_judge, name="finding-judge"),
    path("contacts/", contacts.contact_list, name="contact-list"),
    path("departments/", departments.department_list, name="department-list"),
    path("departments/<uuid:public_id>/answer/", departments.department_answer, name="department-answer"),
    path("extensions/", extensions.extension_list, name="extension-list"),
    path("extensions/<uuid:public_id>/decide/", extensions.extension_decide, name="extension-decide"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/workbook/", coverage.coverage_workbook, name="coverage-workbook"),
    path("coverage/report.pdf", coverage.coverage_paper, name="coverage-paper"),
    path("coverage/nonfilers/", coverage.nonfiler_list, name="nonfiler-list"),
    path("coverage/nonfilers/workbook/", coverage.nonfiler_workbook, name="nonfiler-workbook"),
    path("coverage/urge/", urging.urge, name="urge"),
    path("institutions/<uuid:public_id>/record/", urging.institution_record, name="institution-record"),
    path("institutions/<uuid:public_id>/record.pdf", urging.institution_record_paper, name="institution-record-paper"),
    path("rounds/<uuid:public_id>/roster/", roster.roster_detail, name="roster-detail"),
    path("rounds/<uuid:public_id>/roster/workbook/", roster.roster_workbook, name="roster-workbook"),
    path("rounds/<uuid:public_id>/roster/change/", roster.roster_change, name="roster-change"),
    path("rounds/<uuid:public_id>/roster/freeze/", roster.roster_freeze, name="roster-freeze"),
]
