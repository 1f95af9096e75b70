"""A PDF as an answer to take away."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def attached(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
