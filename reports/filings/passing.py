"""What keeps a revision from being passed although it is the reviewer's turn."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.rules import Allowed, Denied, Verdict
from reports.filings.models import Filing, Finding


def nothing_open(filing: Filing, bureau_id: int | None, *, only_clean: bool = False) -> Verdict:
    """Denied while remarks of the bureau wait to be sent, or an explanation was not accepted: both need a return.

    With `only_clean` also while a finding was not judged yet. Two queries.
    """
    remarks = filing.remarks.filter(decision=None, revision=filing.revision_id, bureau=bureau_id).count()
    if remarks:
        return Denied(
            ngettext(
                "%(count)d remark waits to be sent. Return the filing with it, or remove it first.",
                "%(count)d remarks wait to be sent. Return the filing with them, or remove them first.",
                remarks,
            )
            % {"count": remarks}
        )
    verdicts = list(
        Finding.objects.filter(revision=filing.revision_id, severity="verify").values_list("verdict", flat=True)
    )
    if Finding.Verdict.DOUBTFUL in verdicts:
        return Denied(_("An explanation was not accepted. Return the filing with a remark on it, or accept it first."))
    if only_clean and Finding.Verdict.OPEN in verdicts:
        return Denied(_("An explanation waits to be judged. Open the filing and read it first."))
    return Allowed()
