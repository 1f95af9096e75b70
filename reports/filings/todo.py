"""What is to be done next on a filing, and how much is still open, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do now: a sentence, and the button that leads there. Without `url` it is done on this page, or there
    is nothing to do. `left` is what has to be done in all."""

    words: str
    url: str = ""
    label: str = ""
    left: str = ""


def remarks_wait(count: int) -> str:
    words = ngettext(
        "%(count)d remark of the reviewer waits for an answer.",
        "%(count)d remarks of the reviewer wait for an answer.",
        count,
    )
    return words % {"count": count}


def counts(*, blank: int = 0, hard: int = 0, verify: int = 0, remarks: int = 0) -> str:
    """How many of each, one after the other; nothing of none."""
    told = (
        (blank, _("%d to fill in")),
        (hard, _("%d to correct")),
        (verify, _("%d to explain")),
        (remarks, _("%d remarks to answer")),
    )
    return pgettext("between items", ", ").join(words % number for number, words in told if number)
