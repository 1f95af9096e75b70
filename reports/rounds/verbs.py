"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import name_details, register

register(
    {
        "round.opened": _("Opened the round"),
        "round.frozen": _("Froze the roster"),
        "round.rescheduled": _("Changed the calendar of the round"),
        "round.closed": _("Closed the round"),
        "round.opened-again": _("Opened the round again"),
        "round.locked": _("The round was locked by the clock"),
        "days.entered": _("Entered working days or holidays"),
        "days.forgotten": _("Took back working days or holidays"),
    }
)
name_details(
    {"changes": _("Changes"), "before": _("Before"), "after": _("After"), "told": _("People told"), "days": _("Days")}
)
