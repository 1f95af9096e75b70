"""What static/js/annual.js says, in the reader's language."""

from __future__ import annotations

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.filings.gridwords import script_words

#: Said of an answer as of a cell.
SHARED = ("saving", "saved", "refused", "theirs", "mine", "somebody", "blank", "leave")


def words_script() -> SafeString:
    """The element that the script reads."""
    words = script_words()
    own = {
        "unsaved": _("Not saved yet: %(count)s items"),
        "offline": _("Offline, not saved: %(count)s items. It tries again by itself."),
        "signed_out": _("Signed out, not saved: %(count)s items"),
        "put_back": _("%(count)s items that were typed and not saved are put back."),
        "conflict": _("%(by)s changed this while you were typing. Choose what shall stand."),
        "theirs_is": _("Theirs, saved:"),
        "mine_is": _("Yours, not saved:"),
    }
    return json_script({name: words[name] for name in SHARED} | own, "report-words")
