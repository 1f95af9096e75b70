"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import name_details, register

register(
    {
        "build.asked": _("Asked for a summary"),
        "build.made": _("Made a summary"),
    }
)
name_details(
    {
        "basis": _("Basis"),
        "cut": _("Data cut"),
        "digest": _("Digest"),
        "counted": _("Filings counted"),
    }
)
