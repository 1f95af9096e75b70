"""Every state as word, colour and shape, so that any two may be lost and the third still tells.

`shape` is the class in static/css/tables.css that draws the shape and sets the colour.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class State(NamedTuple):
    shape: str
    word: str | Promise


STATES: dict[str, State] = {
    # filings
    "due": State("due", pgettext_lazy("state", "Not begun")),
    "drafting": State("drafting", pgettext_lazy("state", "Filling in")),
    "in_review": State("review", pgettext_lazy("state", "Under review")),
    "county": State("review", pgettext_lazy("state", "With the county")),
    "prefecture": State("review", pgettext_lazy("state", "With the prefecture")),
    "province": State("review", pgettext_lazy("state", "With the province")),
    "returned": State("returned", pgettext_lazy("state", "Returned")),
    "accepted": State("accepted", pgettext_lazy("state", "Accepted")),
    "settled": State("accepted", pgettext_lazy("state", "Finally accepted")),
    "excused": State("excused", pgettext_lazy("state", "Excused")),
    # tables of a filing
    "empty": State("due", pgettext_lazy("state", "Empty")),
    "complete": State("accepted", pgettext_lazy("state", "Complete")),
    "not_applicable": State("excused", pgettext_lazy("state", "Not applicable")),
    # report numbers
    "valid": State("accepted", pgettext_lazy("state", "Valid")),
    "voided": State("excused", pgettext_lazy("state", "Voided")),
    "replaced": State("returned", pgettext_lazy("state", "Replaced")),
    "not_found": State("due", pgettext_lazy("state", "Not found")),
    # jobs
    "waiting": State("due", pgettext_lazy("state", "Waiting")),
    "running": State("review", pgettext_lazy("state", "Running")),
    "done": State("accepted", pgettext_lazy("state", "Done")),
    "failed": State("hard", pgettext_lazy("state", "Failed")),
    "cancelled": State("excused", pgettext_lazy("state", "Cancelled")),
    # findings, and what a reviewer says of an explanation
    "hard": State("hard", pgettext_lazy("state", "Must be corrected")),
    "verify": State("verify", pgettext_lazy("state", "Needs an explanation")),
    "said": State("said", pgettext_lazy("state", "Explained")),
    "upheld": State("accepted", pgettext_lazy("state", "Explanation accepted")),
    "declined": State("returned", pgettext_lazy("state", "Explanation not accepted")),
}


def code_of_filing(state: str, step_tier: str, *, settled: bool = False) -> str:
    """While under review `step_tier` (county, prefecture, province) names who has it; `settled` gives a bureau's word for
    accepted."""
    if state == "in_review":
        return step_tier or state
    return "settled" if state == "accepted" and settled else state


# Framed words beside a state.
MARKS: dict[str, str | Promise] = {
    "late": pgettext_lazy("mark", "late"),
    "repeat": pgettext_lazy("mark", "repeat"),
    "extended": pgettext_lazy("mark", "extended"),
    "newcomer": pgettext_lazy("mark", "new this year"),
    "national": pgettext_lazy("mark", "reviewed by the State Administration"),
    "preliminary": pgettext_lazy("mark", "preliminary"),
    "final": pgettext_lazy("mark", "final"),
    "internal": pgettext_lazy("mark", "internal"),
    "specimen": pgettext_lazy("mark", "specimen"),
    "current": pgettext_lazy("mark", "current"),
    "last_years": pgettext_lazy("mark", "same words as last year"),
    "demo": pgettext_lazy("mark", "Demo"),
}
