"""Making the next version of a scheme: drafts from workbooks, comparison, mapping, try-out, preview, publication.

Stands above the filings, because a draft is tried on last year's filings and shown as their form.
"""
