"""How many filings stand where: the counts behind chips and coverage (docs/adr/0003-tallies.md)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from review.tally.queries import TallyQuerySet


class Tally(models.Model):
    """A change of a count. The sum of `count` over equal keys is the number of filings with that key.

    Written by triggers on the filings alone, in the transaction of the change; folded by `review.tally.tasks.fold`.
    `scope` is the path of the reviewing bureau. `doubts` is set only in review, where a verify finding is not accepted.
    """

    round = models.ForeignKey("rounds.Round", on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=100)
    state = models.CharField(max_length=10)
    step = models.BigIntegerField(null=True, help_text="Id of the bureau whose turn it is.")
    step_tier = models.CharField(max_length=12)
    late = models.BooleanField()
    repeat = models.BooleanField()
    doubts = models.BooleanField()
    newcomer = models.BooleanField()
    count = models.IntegerField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(count=0), name="tally_not_zero")]
        indexes = [
            models.Index(fields=["round", "scope"], opclasses=["int8_ops", "text_pattern_ops"], name="tally_scope")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.scope} {self.state} {self.count:+d}"


from review.announcements import models as _announcements  # noqa: E402, F401 -- models of this app in their feature's folder
