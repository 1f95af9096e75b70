"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import register

register(
    {
        "finding.judged": _("Judged an explanation"),
        "round.urged": _("Urged institutions to file"),
        "round.reminded": _("Reminded institutions to file"),
        "review.exported": _("Exported a list"),
    }
)
