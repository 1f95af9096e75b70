"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import register

register(
    {
        "finding.judged": _("Judged an explanation"),
        "round.urged": _("Urged institutions to file"),
        "round.reminded": _("Reminded institutions to file"),
        "review.exported": _("Exported a list"),
        "announcement.written": _("Saved the draft of an announcement"),
        "announcement.discarded": _("Deleted the draft of an announcement"),
        "announcement.attached": _("Attached a file to an announcement"),
        "announcement.detached": _("Removed a file from an announcement"),
        "announcement.published": _("Published an announcement"),
        "announcement.withdrawn": _("Withdrew an announcement"),
        "announcement.reminded": _("Reminded those who had not read an announcement"),
    }
)
