"""Folding the changes of counts into one row per key."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

_FOLD = """
WITH taken AS (DELETE FROM review_tally RETURNING *)
INSERT INTO review_tally (round_id, scope, state, step, step_tier, late, repeat, doubts, newcomer, count)
SELECT round_id, scope, state, step, step_tier, late, repeat, doubts, newcomer, sum(count)
  FROM taken GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(count) <> 0
"""


@shared_task(name="review.tally.tasks.fold", ignore_result=True)
def fold() -> None:
    """One statement, so that every reader sees the sums of before or of after, which are the same.

    Two at once take different rows, and neither waits for people at work: those only insert.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
