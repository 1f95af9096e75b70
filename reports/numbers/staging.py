"""The staging tables of one batch, and the way its numbers take from there into the big table, in one transaction.

    numbers_staging_<batch>_<attempt>   a good line each, unlogged, filled by COPY, in parts (…_p1, …_p2)
    numbers_refused_<batch>_<attempt>   the lines that cannot be taken, with the fault
    numbers_outcome_<batch>_<attempt>   the lines whose number was there already: in this file before, or in another batch;
                                        among them those that call it void or replaced, while it stays valid, and those
                                        that say it replaces another, which nobody was told before

Whatever happens to a worker, the next one fills new tables from the file and comes to the same counts: a number counts
as stored by this batch when its row says so, whether it was written now or by an attempt that died after its commit.
"""

from __future__ import annotations

import io
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

#: Lines of one part of the staging table.
PART_LINES = 40_000
#: Bytes of lines to be staged, or refused, that are held back: a statement for each block's few would take longer than them.
HELD = 2**20
#: So many staged lines are looked up one by one; more are compared all together.
FEW = 100_000
#: Numbers of one institution are stored by one transaction at a time, so overlapping files cannot deadlock.
LOCK_OF_INSTITUTION = 7_301

_TABLES = """
CREATE UNLOGGED TABLE {staging} (
    line integer, key text COLLATE "C", raw text, issued_on date, certificate text, domain text, kind text,
    cma_mark boolean, site smallint, state smallint, replaces_key text COLLATE "C", finding text,
    institution_id bigint, batch_id bigint, quarter smallint
) WITH (autovacuum_enabled = false);
CREATE UNLOGGED TABLE {refused} (line integer, raw text, fault text) WITH (autovacuum_enabled = false);
CREATE UNLOGGED TABLE {outcome} (
    line integer, number text, other_batch bigint, other_line integer, kept_in smallint, original_in smallint
) WITH (autovacuum_enabled = false);
"""

_STAGED = "line, key, raw, issued_on, certificate, domain, kind, cma_mark, site, state, replaces_key, finding"
_DIRECT = (
    "line, key, raw, issued_on, certificate, domain, kind, cma_mark, site, state, institution_id, batch_id, quarter"
)
_PART = "CREATE UNLOGGED TABLE {part} () INHERITS ({staging}) WITH (autovacuum_enabled = false)"

_STORE = """
INSERT INTO numbers_reportnumber
       (institution_id, batch_id, issued_on, line, quarter, state, site, cma_mark, key, raw, certificate, domain, kind,
        replaces_key)
SELECT %(institution)s, %(batch)s, issued_on, line, %(quarter)s, state, site, cma_mark, key, raw, certificate, domain, kind,
       replaces_key
  FROM {source} s {new}
    ON CONFLICT DO NOTHING
"""

#: The quarter of a number that stays valid although the line calls it void or replaced; NULL for all others.
_KEPT_IN = "CASE WHEN s.state <> 1 AND t.state = 1 THEN t.quarter END"

_NOT_KNOWN = "NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line)"

# Before storing: every line whose number is there. Most of the work of a file that came before.
_FIND_KNOWN = """
INSERT INTO {outcome}
SELECT s.line, coalesce(s.raw, s.key), t.batch_id, t.line, {kept_in}
  FROM {staging} s
  JOIN numbers_reportnumber t ON t.institution_id = %(institution)s AND t.key = s.key
 WHERE t.batch_id <> %(batch)s OR t.line <> s.line
"""

# After storing, of few staged lines: those whose number is another line's.
_FIND_AMONG_FEW = """
INSERT INTO {outcome}
SELECT s.line, coalesce(s.raw, s.key), t.batch_id, t.line, {kept_in}
  FROM {staging} s
 CROSS JOIN LATERAL (SELECT batch_id, line, state, quarter FROM numbers_reportnumber
                      WHERE institution_id = %(institution)s AND key = s.key OFFSET 0) t
 WHERE (t.batch_id <> %(batch)s OR t.line <> s.line) AND NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line)
"""

# After storing, of many: the lines that did not go in. Lines are compared as integers, and only what is missing by its number.
_FIND_MISSING = """
INSERT INTO {outcome}
SELECT s.line, coalesce(s.raw, s.key), t.batch_id, t.line, {kept_in}
  FROM (SELECT s.line, s.key, s.raw, s.state FROM {staging} s
         WHERE NOT EXISTS (SELECT FROM numbers_reportnumber own
                            WHERE own.institution_id = %(institution)s AND own.quarter = %(quarter)s
                              AND own.batch_id = %(batch)s AND own.line = s.line)
           AND NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line)
        OFFSET 0) s
 CROSS JOIN LATERAL (SELECT batch_id, line, state, quarter FROM numbers_reportnumber
                      WHERE institution_id = %(institution)s AND key = s.key OFFSET 0) t
"""

# Whichever of the two was filed first: all numbers of the institution that replace another are looked at, which most have
# none of. What a void number said counts only while its own list is stored. The original gets a line of its history beside
# it, as if it had been replaced on the screen.
_REPLACED = """
WITH found AS MATERIALIZED (
    SELECT DISTINCT ON (n.replaces_key) n.replaces_key, n.key, n.quarter, n.line, n.batch_id
      FROM numbers_reportnumber n
     CROSS JOIN LATERAL (SELECT FROM numbers_reportnumber
                          WHERE institution_id = %(institution)s AND key = n.replaces_key AND state = 1 OFFSET 0) original
     WHERE n.institution_id = %(institution)s AND n.replaces_key IS NOT NULL AND n.replaces_key <> n.key
       AND (n.state <> 2 OR n.batch_id = %(batch)s)
     ORDER BY n.replaces_key, n.batch_id, n.line
), replaced AS (
    UPDATE numbers_reportnumber SET state = 3
     WHERE institution_id = %(institution)s AND key = ANY(ARRAY(SELECT replaces_key FROM found)) AND state = 1
    RETURNING key, quarter
), told AS (
    INSERT INTO numbers_numberchange (institution_id, key, act, replacement_key, reason, by_id)
    SELECT %(institution)s, r.key, 'replace', f.key,
           replace(replace(%(reason)s, '{{line}}', f.line::text), '{{file}}',
                   coalesce((SELECT name FROM numbers_numberbatch WHERE id = f.batch_id), '')), %(by)s
      FROM replaced r
      JOIN found f ON f.replaces_key = r.key
     ORDER BY f.batch_id, f.line
)
SELECT r.quarter, f.quarter, count(*) FROM replaced r JOIN found f ON f.replaces_key = r.key GROUP BY 1, 2
"""

_ORIGINAL_MISSING = """
UPDATE {staging} s SET finding = 'original_missing'
 WHERE s.replaces_key IS NOT NULL
   AND NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line)
   AND NOT EXISTS (SELECT FROM numbers_reportnumber t
                    WHERE t.institution_id = %(institution)s AND t.key = s.replaces_key AND t.key <> s.key OFFSET 0)
"""

# A number that the same list replaces is valid no more, as its own line says.
_REPLACED_HERE = """
UPDATE {outcome} o SET kept_in = NULL
  FROM {staging} s
 WHERE o.kept_in IS NOT NULL AND s.line = o.line
   AND EXISTS (SELECT FROM numbers_reportnumber t
                WHERE t.institution_id = %(institution)s AND t.key = s.key AND t.state <> 1 OFFSET 0)
"""

# The quarter of a valid number that the line replaces by one that was filed without saying so, and is valid too.
_ORIGINAL_KEPT = """
UPDATE {outcome} o SET original_in = original.quarter
  FROM {staging} s
 CROSS JOIN LATERAL (SELECT state, replaces_key FROM numbers_reportnumber
                      WHERE institution_id = %(institution)s AND key = s.key OFFSET 0) t
 CROSS JOIN LATERAL (SELECT quarter FROM numbers_reportnumber
                      WHERE institution_id = %(institution)s AND key = s.replaces_key AND state = 1 OFFSET 0) original
 WHERE s.line = o.line AND s.replaces_key <> s.key AND t.state = 1 AND t.replaces_key IS DISTINCT FROM s.replaces_key
"""

#: Why a line of the outcome was not stored. A list does not take back what is filed: that is done one by one, with a reason.
_WHY = """
CASE WHEN kept_in IS NOT NULL THEN 'not_voided|' || kept_in / 10 || 'Q' || mod(kept_in, 10)
     WHEN original_in IS NOT NULL THEN 'not_replaced|' || original_in / 10 || 'Q' || mod(original_in, 10)
     WHEN other_batch = {batch} THEN 'repeated|' || other_line
     ELSE 'already|' || other_batch END
"""

#: Of these causes, those that are no mere repetition: what the line asks for was not done.
REFUSED = ("not_voided", "not_replaced")

#: Every line with something to say.
_REASONS = """
SELECT line, fault AS reason, raw AS number FROM {refused}
UNION ALL
SELECT line, {why}, number FROM {outcome}
"""
_FINDINGS = """
UNION ALL
SELECT line, finding, coalesce(raw, key) FROM {staging} s
 WHERE finding IS NOT NULL AND NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line)
"""


_WRITE = "COPY (SELECT line, reason, number FROM ({reasons}) r ORDER BY line) TO STDOUT"
_COUNT_FINDINGS = """
SELECT finding, count(*) FROM {staging} s
 WHERE finding IS NOT NULL AND NOT EXISTS (SELECT FROM {outcome} o WHERE o.line = s.line) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Replacing:
    """For the history of replaced numbers: the user, and the reason with {line} and {file} to be filled in."""

    by: int
    reason: str


@dataclass
class Outcome:
    """Counts of lines. `replaced` are numbers marked as such, `quarters` the codes of theirs and of those that replace them."""

    stored: int = 0
    already: int = 0
    repeated: int = 0
    refused: int = 0
    replaced: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    samples: list[list[Any]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    quarters: set[int] = field(default_factory=set)

    @property
    def anything_to_mark(self) -> bool:
        return bool(self.already or self.repeated or self.refused or self.findings)


class Staging:
    SAMPLES = 100

    def __init__(self, batch_id: int, attempt: int, institution_id: int, quarter: int) -> None:
        self.batch_id, self.institution_id = batch_id, institution_id
        self._names = {kind: f"numbers_{kind}_{batch_id}_{attempt}" for kind in ("staging", "refused", "outcome")}
        self._values = {"institution": institution_id, "batch": batch_id, "quarter": quarter}
        self._has_findings = self._at_once = False
        self._staged, self._refused = bytearray(), bytearray()
        self._direct = self._inserted = self._part = self._part_lines = 0

    def _sql(self, text: str, **more: str) -> str:
        return text.format(**self._names, kept_in=_KEPT_IN, why=_WHY.format(batch=self.batch_id), **more)

    def create(self) -> None:
        drop_tables(self.batch_id)
        with connection.cursor() as cursor:
            cursor.execute(self._sql(_TABLES))

    def begin(self) -> None:
        """To be called in the transaction that also copies and stores. Waits for another file of the institution.

        Where the quarter has no numbers yet, most lines are new and go to the table itself while the child reads on. Where
        it has some, most of the file may be known, and everything is compared first.
        """
        lock_institution(self.institution_id)
        with connection.cursor() as cursor:
            # Nothing is known yet about numbers just stored. Taken for a handful, they would be compared one by one with a
            # million lines; where a probe for each line is right, the statement leaves no other way.
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute("SET LOCAL work_mem = '96MB'")
            # The first of two equal lines is the one that counts.
            cursor.execute("SET LOCAL synchronize_seqscans = off")
            self._at_once = not self._has_numbers(cursor)

    @property
    def constants(self) -> str:
        """What the child adds to lines that may go to the table itself; empty when all are to be staged. After `begin`."""
        return f"{self.institution_id}\t{self.batch_id}\t{self._values['quarter']}" if self._at_once else ""

    def copy_direct(self, block: bytes) -> None:
        """Lines that are expected to be new. A number of theirs that is there all the same sends the block to staging."""
        try:
            with transaction.atomic():
                self._copy(f"COPY numbers_reportnumber ({_DIRECT}) FROM STDIN", block)
        except IntegrityError:
            self._stage(_DIRECT, block)
        else:
            self._direct += block.count(b"\n")

    def copy(self, block: bytes) -> None:
        """Lines to be compared, in the order of the file."""
        self._staged += block
        if len(self._staged) > HELD:
            self._send_held()

    def copy_refused(self, block: bytes) -> None:
        self._refused += block
        if len(self._refused) > HELD:
            self._send_held()

    def _send_held(self) -> None:
        if self._staged:
            self._stage(_STAGED, bytes(self._staged))
        if self._refused:
            self._copy(self._sql("COPY {refused} FROM STDIN"), bytes(self._refused))
        self._staged.clear()
        self._refused.clear()

    def _stage(self, columns: str, block: bytes) -> None:
        """Into parts of the staging table, each stored when it is full."""
        if not self._part_lines:
            self._part += 1
            with connection.cursor() as cursor:
                cursor.execute(self._sql(_PART, part=self._part_name))
        self._copy(f"COPY {self._part_name} ({columns}) FROM STDIN", block)
        self._part_lines += block.count(b"\n")
        if self._part_lines >= PART_LINES:
            with connection.cursor() as cursor:
                self._close_part(cursor)

    @staticmethod
    def _copy(statement: str, block: bytes) -> None:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(statement, io.BytesIO(block))

    @property
    def _part_name(self) -> str:
        return f"{self._names['staging']}_p{self._part}"

    def _close_part(self, cursor: Any) -> None:
        if self._at_once and self._part_lines:
            cursor.execute(self._sql(_STORE, source=self._part_name, new=""), self._values)
            self._inserted += cursor.rowcount
        self._part_lines = 0

    def store(
        self, *, read: int, causes: dict[str, int], findings: dict[str, int], replaces: bool, replacing: Replacing
    ) -> Outcome:
        """Everything that is not stored yet, then the counts. The arguments are what the child counted and saw."""
        outcome = Outcome(refused=sum(causes.values()), causes=dict(causes))
        good = read - outcome.refused
        self._send_held()
        with connection.cursor() as cursor:
            self._close_part(cursor)
            known = 0 if self._at_once else self._find(cursor, _FIND_KNOWN)
            if not self._at_once and known < good:
                new = self._sql(f"WHERE {_NOT_KNOWN}") if known else ""
                cursor.execute(self._sql(_STORE, source=self._names["staging"], new=new), self._values)
                self._inserted = cursor.rowcount
            if self._direct + self._inserted < good - known and good - self._direct <= FEW:
                known += self._find(cursor, _FIND_AMONG_FEW)
            if self._direct + self._inserted < good - known:
                known += self._find(cursor, _FIND_MISSING)
                self._must_add_up(cursor, good - known)
            outcome.stored = good - known
            self._mark_replaced(cursor, replacing, outcome)
            if replaces:
                cursor.execute(self._sql(_ORIGINAL_KEPT), self._values)
                cursor.execute(self._sql(_ORIGINAL_MISSING), self._values)
                self._has_findings = cursor.rowcount > 0
            self._has_findings = self._has_findings or bool(findings)
            self._count(cursor, outcome)
        return outcome

    def _mark_replaced(self, cursor: Any, replacing: Replacing, outcome: Outcome) -> None:
        cursor.execute(self._sql(_REPLACED), self._values | asdict(replacing))
        for quarter, of_newer, count in cursor.fetchall():
            outcome.replaced += count
            outcome.quarters |= {quarter, of_newer}
        if outcome.replaced:
            cursor.execute(self._sql(_REPLACED_HERE), self._values)

    def _has_numbers(self, cursor: Any) -> bool:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM numbers_reportnumber WHERE institution_id = %(institution)s AND quarter = %(quarter)s)",
            self._values,
        )
        return bool(cursor.fetchone()[0])

    def _must_add_up(self, cursor: Any, expected: int) -> None:
        """Every good line is either stored by this batch or known from elsewhere; anything else undoes the whole."""
        cursor.execute(
            "SELECT count(*) FROM numbers_reportnumber"
            " WHERE institution_id = %(institution)s AND quarter = %(quarter)s AND batch_id = %(batch)s",
            self._values,
        )
        found = cursor.fetchone()[0]
        if found != expected:
            raise RuntimeError(f"Batch {self.batch_id} holds {found} numbers and should hold {expected}.")

    def _find(self, cursor: Any, statement: str) -> int:
        cursor.execute(self._sql(statement), self._values)
        return int(cursor.rowcount)

    def _count(self, cursor: Any, outcome: Outcome) -> None:
        cursor.execute(
            self._sql("SELECT other_batch, split_part({why}, '|', 1), count(*) FROM {outcome} GROUP BY 1, 2")
        )
        for batch, cause, count in cursor.fetchall():
            if cause in REFUSED:
                outcome.refused += count
                outcome.causes[cause] = outcome.causes.get(cause, 0) + count
            elif batch == self.batch_id:
                outcome.repeated = count
            else:
                outcome.already += count
                outcome.others.append(batch)
        if self._has_findings:
            cursor.execute(self._sql(_COUNT_FINDINGS))
            outcome.findings = dict(cursor.fetchall())
        outcome.samples = self._samples(cursor)

    def _samples(self, cursor: Any) -> list[list[Any]]:
        cursor.execute(self._sql("SELECT line, raw, fault FROM {refused} ORDER BY line LIMIT %s"), [self.SAMPLES])
        rows = [list(row) for row in cursor.fetchall()]
        cursor.execute(self._sql("SELECT line, number, {why} FROM {outcome} ORDER BY line LIMIT %s"), [self.SAMPLES])
        return sorted(rows + [list(row) for row in cursor.fetchall()])[: self.SAMPLES]

    def write_reasons(self, path: Path) -> None:
        """Line, reason and number of every marked line, tabs between, in the order of the file."""
        findings = self._sql(_FINDINGS) if self._has_findings else ""
        with path.open("wb") as out, connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(self._sql(_WRITE, reasons=self._sql(_REASONS) + findings), out)


def lock_institution(institution_id: int) -> None:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_OF_INSTITUTION, institution_id % 2**31])


def try_lock_institution(institution_id: int, patience: float) -> bool:
    """The same for somebody who waits at a page: False when it is still held after so many seconds."""
    until = time.monotonic() + patience
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_OF_INSTITUTION, institution_id % 2**31])
            if cursor.fetchone()[0]:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(0.1)


def drop_tables(batch_id: int) -> None:
    """Those of every attempt at the batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s",
            [rf"^numbers_(staging|refused|outcome)_{batch_id}_\d+$"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE IF EXISTS "{name}" CASCADE')


def left_behind() -> list[int]:
    """Batches that have staging tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT DISTINCT split_part(relname, '_', 3)::bigint FROM pg_class"
            r" WHERE relkind = 'r' AND relname ~ '^numbers_(staging|refused|outcome)_\d+_\d+$'"
        )
        return [batch for (batch,) in cursor.fetchall()]
