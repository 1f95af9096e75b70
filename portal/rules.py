"""What a rule answers: allowed, or denied with the reason that the page shows.

A rule is a function of a membership and an object. The view refuses with the reason, and the template shows
the same words beside the disabled button, so both come from one place.
"""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Allowed:
    """The act may go ahead. Always true."""

    @property
    def reason(self) -> str:
        return ""

    def __bool__(self) -> Literal[True]:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """The act is refused; always false. `reason` is a whole sentence in the reader's language, maybe lazy."""

    reason: str | Promise

    def __post_init__(self) -> None:
        if not str(self.reason).strip():
            raise ValueError("A denial needs its reason.")

    def __bool__(self) -> Literal[False]:
        return False


class NotYet(Denied):
    """Refused by the course of things and not by the role: somebody else comes first. Answered with 409."""


Verdict = Allowed | Denied
