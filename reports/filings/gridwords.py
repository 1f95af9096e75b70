"""What static/js/grid.js, grid-tools.js and grid-block.js say, in the reader's language."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def words_script() -> SafeString:
    """The element that the scripts read; made once for each language."""
    return _made(get_language() or "")


@lru_cache(maxsize=8)
def _made(language: str) -> SafeString:
    return json_script(script_words(), "grid-words")


def script_words() -> dict[str, str]:
    """By the names that the scripts use."""
    return {
        "saving": _("Saving …"),
        "saved": _("Saved at %(time)s"),
        "unsaved": _("Not saved yet: %(count)s cells"),
        "offline": _("Offline, not saved: %(count)s cells. It tries again by itself."),
        "signed_out": _("Signed out, not saved: %(count)s cells"),
        "refused": _("Not saved, see the message above"),
        "theirs": _("Keep theirs"),
        "mine": _("Keep mine"),
        "conflict": _("%(by)s changed this cell to “%(theirs)s” while you were typing “%(mine)s”."),
        "row_gone": _("%(by)s removed the row; “%(mine)s” was not saved."),
        "somebody": _("Somebody else"),
        "blank": _("blank"),
        "take": _("Take %(value)s"),
        "cancel": _("Cancel"),
        "was": _("was %(value)s"),
        "hard": _("Must be corrected"),
        "verify": _("Needs an explanation"),
        "remark": _("Remark of a reviewer"),
        "said": _("Explained"),
        "empty": _("Not filled"),
        "leave": _("What you typed last is not saved yet."),
        "written": _("%(count)s characters written"),
        "choose": _("Choose one or more"),
        "chosen": _("%(count)s chosen:"),
        "carried": _("from last year, unchanged"),
        "put_back": _("%(count)s cells that were typed and not saved are put back."),
        "example_whole": _("e.g. %(example)s") % {"example": "1,234"},
        "example_decimal": _("e.g. %(example)s") % {"example": "12.50"},
        "help": _("Whole explanation"),
        "undone": _("Undone: %(cell)s is %(value)s again."),
        "redone": _("Done again: %(cell)s is %(value)s."),
        "nothing_to_undo": _("There is nothing to undo or do again."),
        "none_empty": _("No required cell of this table is empty."),
        "still_empty": _("%(cell)s; %(count)s required cells are empty."),
        "shown": _("%(count)s cells shown."),
        "none_shown": _("No cell is left to show; choose “All” to see the table again."),
        "sum": _("Parts add up to %(sum)s."),
        "sum_same": _("Parts add up to %(sum)s, as they should."),
        "sum_over": _("Parts add up to %(sum)s: %(gap)s more than %(whole)s."),
        "sum_under": _("Parts add up to %(sum)s: %(gap)s less than %(whole)s."),
        "already_filled": _("This cell is filled; last year's value is only taken into empty cells."),
        "no_last": _("Last year has no value for this cell."),
        "take_last": _("Take last year's %(value)s (F9)"),
        "take_here": _("Take last year's %(value)s"),
        "picked": _("%(rows)s lines, %(columns)s columns marked. Ctrl+C copies them."),
        "unpicked": _("Nothing is marked any more."),
        "copied": _("%(rows)s lines, %(columns)s columns copied."),
        "paste_title": _("What is pasted, and where"),
        "paste_told": _("%(good)s values go into cells, %(bad)s cannot."),
        "paste_more": _("%(count)s values have no place here and are left out."),
        "paste_more_rows": _(
            "%(count)s values have no place here and are left out. Add rows first if they belong to more rows."
        ),
        "paste_fill": _("Fill in %(count)s cells"),
        "no_figure": _("not a figure"),
        "no_choice": _("not among the choices"),
        "read_only": _("computed here, not typed"),
        "stays": _("empty, the cell stays as it is"),
    }
