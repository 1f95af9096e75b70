"""Annual reports: their answers, files to attach, and reports at two stages."""

from __future__ import annotations

import io

from PIL import Image

from institutions.models import Institution, Membership
from reports.annual.attachments import receive
from reports.filings.models import Filing
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill, fresh, sign_and_submit

PROSE = (
    "本年度持续符合资质认定条件和要求，人员、场所、设备和管理体系保持有效运行，未发生"
    "影响公正性的情况，附内审和管理评审记录编号榕检〔2023〕12号。"
)


def a_pdf(extra: bytes = b"", pages: int = 1) -> bytes:
    """The smallest whole PDF; `extra` stands in its catalogue."""
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R" + extra + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" + page * pages + b"trailer<</Root 1 0 R/Size 4>>\n"
        b"startxref\n0\n%%EOF\n"
    )


def a_picture(kind: str = "PNG", size: tuple[int, int] = (20, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def valid_report() -> dict[str, str]:
    """Every required answer but files and summary."""
    return {
        "R001": "2023", "R004": "2024-01-20", "R005": "陈编制", "R006": "林批准",
        **dict.fromkeys(("R101", "R104", "R105", "R106", "R107", "R201", "R301"), PROSE),
        "R102": "0", "R108": "2", "R109": "3", "R110": "2023-11-20", "R202": "https://example.cn/shengming",
        "R203": "0", "R204": "0", "R206": "6", "R207": "0", "R302": "5", "R303": "5", "R305": "1", "R306": "1",
        "R307": "2", "R308": "0", "R504": "1",
    }  # fmt: skip


def attach(filing: Filing, code: str, by: Membership, content: bytes | None = None, name: str = "扫描件.pdf") -> None:
    item = filing.round.scheme.definition.indicator(code)
    receive(filing=fresh(filing), item=item, chunks=[content or a_pdf()], name=name, by=by)


def a_begun_report(round: Round, institution: Institution, by: Membership) -> Filing:
    """Half written: a line of changes, a statement that is short, one file; the statistics are not submitted."""
    answers = {code: value for code, value in valid_report().items() if code < "R300"}
    answers |= {
        "R102": "1",
        "R103": '[{"what":"地址变更","on":"2023-05-06","done":"1"}]',
        "R105": "场所未变。",
        "R206": "5",
    }
    filing = fill(a_filing(round, institution), by, {"AR": answers})
    attach(filing, "R902", by)
    return fresh(filing)


def a_sent_report(round: Round, statistics: Filing, signer: Membership) -> Filing:
    """Submitted with the summary of the statistics."""
    revision = fresh(statistics).revision
    assert revision is not None
    filing = fill(a_filing(round, statistics.institution), signer, {"AR": valid_report() | {"R401": revision.digest}})
    attach(filing, "R901", signer)
    attach(filing, "R903", signer, a_picture(), "自我声明.png")
    sign_and_submit(filing, signer)
    return fresh(filing)
