"""What the address of the queue asks for. A parameter that means nothing is ignored, never an error (W17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from institutions.models import Bureau, Membership
from reports.rounds.models import Round

#: Values of `state`: waiting at the reader's bureau, waiting elsewhere, waiting at a tier, and the states of a filing.
STATES = ("mine", "elsewhere", "county", "prefecture", "province", "returned", "drafting", "due", "accepted", "excused")
IN_REVIEW = ("mine", "elsewhere", "county", "prefecture", "province")
FLAGS = ("waiting", "doubts", "clean", "repeat", "late", "newcomer")
ORDERS: dict[str, tuple[str, ...]] = {
    "matters": ("-late", "-score", "step_since", "id"),
    "score": ("-score", "id"),
    "waiting": ("step_since", "id"),
}
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """`round` is None only where no roster is frozen yet; `bureau` is the reader's own or one below it."""

    round: Round | None
    bureau: Bureau
    state: str
    flag: str
    order: str
    words: str


def rounds_with_roster(membership: Membership) -> list[Round]:
    """Newest first."""
    rounds = Round.objects.visible_to(membership).filter(roster_frozen_at__isnull=False)
    return list(
        rounds.select_related("scheme", "previous__scheme")
        .defer("scheme__content", "previous__scheme__content")
        .prefetch_related("phases")
        .order_by("-period", "kind")
    )


def chosen_round(asked: str, rounds: Sequence[Round]) -> Round | None:
    """The round of the id; else the newest that runs, annual statistics first; else the newest."""
    wanted = next((round for round in rounds if str(round.public_id) == asked), None)
    if wanted is not None:
        return wanted
    running = sorted((round for round in rounds if round.closed_at is None), key=lambda round: round.kind != "annual")
    return next(iter(running or rounds), None)


def chosen_bureau(asked: str, bureaus: Sequence[Bureau], own: Bureau) -> Bureau:
    return next((bureau for bureau in bureaus if bureau.code == asked), own)


def read_asked(params: QueryDict, membership: Membership, rounds: Sequence[Round], bureaus: Sequence[Bureau]) -> Asked:
    assert membership.bureau is not None, "the pages of this room are for bureaus"
    state = params.get("state", "")
    state = state if state in STATES else "mine"
    flag = params.get("flag", "")
    order = params.get("order", "")
    return Asked(
        round=chosen_round(params.get("round", ""), rounds),
        bureau=chosen_bureau(params.get("bureau", ""), bureaus, membership.bureau),
        state=state,
        flag=flag if flag in FLAGS and (state in IN_REVIEW or flag in ("repeat", "late", "newcomer")) else "",
        order=order if order in ORDERS else "matters",
        words=" ".join(params.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
    )
