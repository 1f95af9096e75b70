"""The findings of a draft as the panel beside the table shows them: what is wrong, where to go, what to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from reports.filings.advice import Advice, Balance, Offer, Proposed
from reports.filings.cellkeys import CellKey
from reports.filings.differences import Difference
from reports.filings.examination import Examination
from reports.filings.links import jumps_of, table_address
from reports.filings.models import Remark
from reports.schemes.failures import REQUIRED, CellRef, Failure
from reports.schemes.helptexts import RuleCard, rule_card
from reports.schemes.values import show_value

#: Most cells a finding links to; a sum over a long table names its first ones.
MOST_JUMPS = 6
RANK = ("hard", "remark", "verify", "blank", "said")


@dataclass(frozen=True, slots=True)
class Jump:
    """A link to one cell. `here` when the cell is on the page itself."""

    url: str
    key: str
    words: str
    here: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A cell of a finding with its value, or with what it would become."""

    jump: Jump
    name: str
    value: str
    after: str = ""


@dataclass(slots=True)
class Item:
    """One finding. `mark` is hard, verify or said (explained).

    `told` are its cells, `more` how many others it has; `sides` the two values compared and their difference; `proposed`
    the cells of `balance`. `typed` and `refusal` keep an answer that was refused.
    """

    key: str
    mark: str
    code: str
    message: str
    card: RuleCard
    told: list[Told]
    more: int = 0
    sides: tuple[str, str, str] | None = None
    offers: list[Offer] = field(default_factory=list)
    hint: str = ""
    balance: Balance | None = None
    proposed: list[Told] = field(default_factory=list)
    explanation: str = ""
    last_explanation: str = ""
    from_last_year: bool = False
    typed: str = ""
    refusal: str = ""
    info: bool = False

    @property
    def answer(self) -> str:
        return self.typed or self.explanation


@dataclass(frozen=True, slots=True)
class Note:
    """A reviewer's remark with the cell that it is about. `changes` is what was changed where it stands, `idle` that it is marked as
    fixed although nothing is; `typed` and `refusal` keep an answer that was refused."""

    remark: Remark
    told: Told | None
    typed: str = ""
    refusal: str = ""
    changes: list[Difference] = field(default_factory=list)

    @property
    def jump(self) -> Jump | None:
        return self.told.jump if self.told is not None else None

    @property
    def idle(self) -> bool:
        return self.remark.resolution == Remark.Resolution.FIXED and not self.changes


@dataclass(slots=True)
class Elsewhere:
    """How many findings wait in another table."""

    code: str
    name: str
    url: str
    hard: int = 0
    verify: int = 0
    blank: int = 0


@dataclass(slots=True)
class Panel:
    """Findings of one table, or of the whole filing when `at` is empty; the counts are the whole filing's."""

    at: str
    hard: list[Item]
    verify: list[Item]
    said: list[Item]
    info: list[Item]
    blanks: list[Jump]
    notes: list[Note]
    elsewhere: list[Elsewhere]
    hard_count: int
    verify_count: int
    blank_count: int

    remark_count: int

    @property
    def blank_links(self) -> SafeString:
        """The required cells without an answer; often a hundred."""
        return jumps_of(self.blanks)

    @property
    def is_clear(self) -> bool:
        return not (self.hard_count or self.verify_count or self.blank_count or self.remark_count)

    @property
    def waits_for_remarks(self) -> bool:
        """Nothing but remarks of a reviewer stands in the way."""
        return bool(self.remark_count) and not (self.hard_count or self.verify_count or self.blank_count)

    @property
    def is_quiet(self) -> bool:
        """Nothing about this table."""
        return not (self.hard or self.verify or self.said or self.info or self.blanks or self.notes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody just typed as an explanation or remark and why it was refused."""

    key: str
    text: str
    refusal: str


def key_of(ref: CellRef) -> str:
    return str(CellKey(ref[1], ref[2]))


def table_of(failure: Failure, examination: Examination) -> str:
    """The table where a finding is shown: its own, or that of its first cell for checks on derived figures."""
    if failure.table in examination.drafts:
        return failure.table
    return next((ref[0] for ref in failure.cells if ref[0] in examination.drafts), failure.table)


def touches(failure: Failure, table: str, examination: Examination) -> bool:
    return table_of(failure, examination) == table or any(ref[0] == table for ref in failure.cells)


def marks_of(examination: Examination, table: str) -> dict[str, str]:
    """{cell key: hard|remark|verify|said|blank} of one table; the gravest where a cell has several."""
    found: dict[str, str] = {}

    def note(key: str, mark: str) -> None:
        if key not in found or RANK.index(mark) < RANK.index(found[key]):
            found[key] = mark

    for failure in examination.failures:
        mark = mark_of(failure, examination)
        if mark == "info":
            continue
        for ref in failure.cells:
            if ref[0] == table:
                note(key_of(ref), mark)
    for remark in examination.open_remarks:
        if remark.table == table and remark.indicator:
            note(str(CellKey(remark.row_id or None, remark.indicator)), "remark")
    return found


def mark_of(failure: Failure, examination: Examination) -> str:
    if failure.severity == "hard":
        return "blank" if failure.code == REQUIRED.code else "hard"
    if failure.severity == "verify":
        return "said" if failure.key in examination.explanations else "verify"
    return "info"


def make_panel(examination: Examination, at: str = "", answer: Answer | None = None) -> Panel:
    """The panel of the table `at`, or of the whole filing."""
    work = _Work(examination, at, answer)
    mine: dict[str, list[Item]] = {"hard": [], "verify": [], "said": [], "info": []}
    blanks: list[Jump] = []
    elsewhere: dict[str, Elsewhere] = {}
    for failure in examination.failures:
        mark = mark_of(failure, examination)
        if at and not touches(failure, at, examination):
            work.count(elsewhere, failure, mark)
        elif mark == "blank":
            blanks.append(work.jump(failure.cells[0]))
        else:
            mine[mark].append(work.item(failure, mark))
    return Panel(
        at=at,
        hard=mine["hard"],
        verify=mine["verify"],
        said=mine["said"],
        info=mine["info"],
        blanks=blanks,
        notes=work.notes(),
        elsewhere=list(elsewhere.values()),
        hard_count=len(examination.wrong),
        verify_count=len(examination.unexplained),
        blank_count=len(examination.blanks),
        remark_count=len(examination.open_remarks),
    )


@dataclass(slots=True)
class _Work:
    examination: Examination
    at: str
    answer: Answer | None
    numbers: dict[str, int] = field(default_factory=dict)
    advice: Advice = field(init=False)

    def __post_init__(self) -> None:
        self.advice = Advice(self.examination)

    def item(self, failure: Failure, mark: str) -> Item:
        typed = self.answer if self.answer and self.answer.key == failure.key else None
        telling, open_still = self._telling(failure.cells), mark in ("hard", "verify")
        balance = self.advice.balance(failure) if open_still else None
        return Item(
            key=failure.key,
            mark=mark,
            code=failure.code,
            message=failure.message(),
            card=rule_card(failure.check),
            told=[self._told(ref) for ref in telling[:MOST_JUMPS]],
            more=max(0, len(telling) - MOST_JUMPS),
            sides=failure.sides(),
            offers=self.advice.offers(failure) if open_still else [],
            hint=self.advice.hint(failure) if open_still else "",
            balance=balance,
            proposed=[self._proposed(one) for one in balance.cells] if balance else [],
            explanation=self.examination.explanations.get(failure.key, ""),
            last_explanation=self.examination.last_explanations.get(failure.key, ""),
            from_last_year=self.examination.says_last_years(failure.key),
            typed=typed.text if typed else "",
            refusal=typed.refusal if typed else "",
        )

    def _telling(self, refs: Iterable[CellRef]) -> list[CellRef]:
        """Cells of this page first."""
        known = [ref for ref in refs if ref[0] in self.examination.drafts]
        return sorted(known, key=lambda ref: ref[0] != self.at)

    def _told(self, ref: CellRef) -> Told:
        item = self.examination.definition.indicator(ref[2])
        value = show_value(item, self.advice.stored(ref))
        return Told(self.jump(ref), item.name(), f"{value} {item.unit_name()}".strip() if value else "")

    def _proposed(self, one: Proposed) -> Told:
        item = self.examination.definition.indicator(one.ref[2])
        return Told(self.jump(one.ref), item.name(), one.before, one.after)

    def jump(self, ref: CellRef) -> Jump:
        table, row_id, code = ref
        key, here = key_of(ref), table == self.at
        words = code if row_id is None else f"{code}·{self._row_number(table, row_id)}"
        return Jump(f"{'' if here else self.place(table)}#c-{key}", key, words, here)

    def place(self, table: str) -> str:
        return table_address(self.examination.filing.public_id, table)

    def _row_number(self, table: str, row_id: str) -> int:
        if row_id not in self.numbers:
            rows = self.examination.drafts[table].cells.get("rows", [])
            self.numbers |= {row["id"]: number for number, row in enumerate(rows, start=1)}
        return self.numbers.get(row_id, 0)

    def notes(self) -> list[Note]:
        return [
            Note(
                remark,
                self._told((remark.table, remark.row_id or None, remark.indicator))
                if remark.indicator and remark.table in self.examination.drafts
                else None,
                self.answer.text if self.answer and self.answer.key == f"remark-{remark.pk}" else "",
                self.answer.refusal if self.answer and self.answer.key == f"remark-{remark.pk}" else "",
                self.examination.mended[remark.pk],
            )
            for remark in self.examination.remarks
            if not self.at or remark.table in (self.at, "")
        ]

    def count(self, elsewhere: dict[str, Elsewhere], failure: Failure, mark: str) -> None:
        code = table_of(failure, self.examination)
        table = self.examination.definition.table_by_code.get(code)
        if table is None or mark not in ("hard", "verify", "blank"):
            return
        found = elsewhere.setdefault(code, Elsewhere(code, table.name(), self.place(code)))
        setattr(found, mark, getattr(found, mark) + 1)


def open_by_table(examination: Examination) -> Mapping[str, tuple[int, int]]:
    """{table: (wrong, to explain)} for the list of tables."""
    found: dict[str, tuple[int, int]] = {}
    for failure in (*examination.wrong, *examination.unexplained):
        code = table_of(failure, examination)
        hard, verify = found.get(code, (0, 0))
        found[code] = (hard + 1, verify) if failure.severity == "hard" else (hard, verify + 1)
    return found
