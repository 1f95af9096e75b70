"""What an act on an institution means for what hangs on it in later rooms. Those tell this one whom to ask.

A follower says beforehand what would happen (`plan`) and does it in the transaction of the act (`follow`): the same steps,
from the same code, so that nobody is told something else than what is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from institutions.models import Bureau, Institution, Membership


@dataclass(frozen=True, slots=True)
class Act:
    """`kind` is one of "move", "merge", "close". `other` is the heir of a merger, `bureau` where a move leads to."""

    kind: str
    institution: Institution
    reason: str = ""
    other: Institution | None = None
    bureau: Bureau | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one thing: whose it is, a code of `words`, and values for its sentence."""

    subject: str
    code: str
    value: str = ""

    @property
    def kept(self) -> list[str]:
        """As `InstitutionChange.filings` keeps it."""
        return [self.subject, self.code, self.value]


@dataclass(frozen=True, slots=True)
class Past:
    """A filing as the page of its institution tells it. `round` and `bureau` are names in both languages, "zh|en"."""

    public_id: UUID
    round: str
    institution_id: int
    state: str
    step_tier: str
    bureau: str
    scope: str


class Follower(Protocol):
    def plan(self, act: Act) -> Sequence[Step]: ...

    def follow(self, act: Act, by: Membership | None) -> Sequence[Step]: ...

    def sentence(self, step: Step) -> str:
        """Empty for a step of another follower."""

    def past(self, institutions: Sequence[int]) -> Sequence[Past]:
        """What the institutions of these ids filed or owe, the latest first."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    if follower not in _followers:
        _followers.append(follower)


def plan(act: Act) -> list[Step]:
    return [step for follower in _followers for step in follower.plan(act)]


def follow(act: Act, by: Membership | None) -> list[Step]:
    return [step for follower in _followers for step in follower.follow(act, by)]


def past(institutions: Sequence[int]) -> list[Past]:
    return [one for follower in _followers for one in follower.past(institutions)]


def sentence(step: Step) -> str:
    return next((words for follower in _followers if (words := follower.sentence(step))), step.code)
