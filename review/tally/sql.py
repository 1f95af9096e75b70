"""The triggers that keep the tallies. Statement triggers: freezing a roster of 54,000 adds one row per bureau."""

_KEY = "round_id, scope, state, step_id, step_tier, late, repeat, state = 'in_review' AND verify_count > 0, previous_id IS NULL"

_CHANGES = """
INSERT INTO review_tally (round_id, scope, state, step, step_tier, late, repeat, doubts, newcomer, count)
SELECT round_id, scope, state, step_id, step_tier, late, repeat, doubts, newcomer, sum(change)
  FROM ({rows}) AS changed (round_id, scope, state, step_id, step_tier, late, repeat, doubts, newcomer, change)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(change) <> 0;
"""

_ADDED = f"SELECT {_KEY}, 1 FROM added"  # noqa: S608 -- fixed text
_GONE = f"SELECT {_KEY}, -1 FROM gone"  # noqa: S608 -- fixed text


def _function(name: str, rows: str) -> str:
    body = _CHANGES.format(rows=rows)
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;"


TRIGGERS = (
    _function("review_tally_added", _ADDED)
    + _function("review_tally_changed", f"{_ADDED} UNION ALL {_GONE}")
    + _function("review_tally_gone", _GONE)
    + """
CREATE TRIGGER review_tally_added AFTER INSERT ON filings_filing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION review_tally_added();
CREATE TRIGGER review_tally_changed AFTER UPDATE ON filings_filing
    REFERENCING NEW TABLE AS added OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION review_tally_changed();
CREATE TRIGGER review_tally_gone AFTER DELETE ON filings_filing
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION review_tally_gone();
"""
)

# Filings that were there before.
COUNT_ANEW = _CHANGES.format(rows=f"SELECT {_KEY}, 1 FROM filings_filing")  # noqa: S608 -- fixed text

REVERSE = "".join(
    f"DROP TRIGGER review_tally_{name} ON filings_filing; DROP FUNCTION review_tally_{name}();"
    for name in ("added", "changed", "gone")
)
