"""Addresses that answer with something else than a page; the others are looked at, see addresses.py."""

from __future__ import annotations

#: Acts (POST alone), files, fragments and answers for machines.
NO_PAGE = frozenset(
    {
        "filings:draft-paper", "filings:receipt-paper", "filings:revision-paper",
        "review:coverage-paper", "review:institution-record-paper",
        "healthz", "language-set", "logout", "sessions-end", "membership-switch",
        "institutions:application-approve", "institutions:application-refuse",
        "institutions:bureau-invite",
        "institutions:invitation-create", "institutions:invitation-revoke", "institutions:membership-end",
        "institutions:membership-hand-over", "institutions:membership-reopen",
        "institutions:authorisation-withdraw",
        "institutions:import-example", "institutions:import-columns", "institutions:import-apply", "institutions:import-discard",
        "institutions:import-marked",
        "institutions:account-activate", "institutions:account-deactivate", "institutions:account-password",
        "inbox:notice-read", "inbox:notice-read-all", "jobs:job-download", "trail:event-export", "trail:verify",
        "versions:scheme-copy", "versions:scheme-create", "versions:scheme-workbook", "versions:scheme-upload",
        "versions:upload-download", "versions:scheme-delete",
        "schemes:scheme-download", "summaries:build-create",
        "filings:cell-save", "filings:row-add", "filings:row-remove", "filings:row-move", "filings:explanation-save",
        "filings:department-take-back", "review:department-answer",
        "filings:extension-take-back", "filings:extension-file", "review:extension-decide",
        "filings:last-year-take", "filings:remark-answer", "filings:filing-submit", "filings:filing-hand-over",
        "filings:filing-hand-back", "filings:filing-recall",
        "review:queue-pass", "review:filing-peek", "review:filing-open", "review:filing-pass", "review:filing-return",
        "review:filing-reopen", "review:filing-excuse", "review:remark-add", "review:remark-remove", "review:finding-judge",
        "review:coverage-workbook", "review:nonfiler-workbook", "review:roster-freeze",
        "rounds:round-close", "rounds:round-open-again",
        "review:roster-change", "review:roster-workbook", "institutions:register-list-workbook",
        "filings:workbook-download", "filings:workbook-apply", "filings:workbook-marked",
        "numbers:quarter-declare", "numbers:template", "numbers:batch-list", "numbers:batch-upload", "numbers:batch-paste",
        "numbers:batch-range", "numbers:batch-cancel", "numbers:batch-confirm", "numbers:batch-marked", "numbers:number-void",
        "numbers:number-replace", "numbers:extract", "numbers:explanation-save", "numbers:remark-answer",
        "numbers:quarter-submit", "numbers:quarter-recall", "numbers:token-create", "numbers:token-revoke",
        "numbers:coverage-workbook",
        "annual:summary-draw", "annual:attachment-add", "annual:attachment-fetch", "annual:attachment-remove",
        "announcements:announcement-read", "announcements:announcement-publish", "announcements:announcement-withdraw",
        "announcements:announcement-remind", "announcements:announcement-discard", "announcements:file-attach",
        "announcements:file-fetch", "announcements:file-detach", "announcements:unread-workbook",
        "annual:report-submit", "annual:draft-paper", "annual:revision-paper", "annual:report-recall", "annual:remark-answer",
    }
)  # fmt: skip
