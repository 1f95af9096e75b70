"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import name_details, register

register(
    {
        "annual.drawn": _("Drew the statistics summary of the annual report"),
        "annual.attached": _("Attached a file to the annual report"),
        "annual.detached": _("Removed a file from the annual report"),
        "annual.fetched": _("Fetched an attachment of the annual report"),
        "annual.printed": _("Fetched the annual report as PDF"),
    }
)
name_details({"item": _("Item"), "sha256": _("SHA-256"), "size": _("Size"), "revision": _("Revision")})
