"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import register

register(
    {
        "numbers.received": _("Sent in report numbers"),
        "numbers.imported": _("Stored report numbers"),
        "numbers.refused": _("Refused a file of report numbers"),
        "numbers.cancelled": _("Cancelled the reading of report numbers"),
        "numbers.declared": _("Declared the number of reports of a quarter"),
        "numbers.voided": _("Voided a report number"),
        "numbers.replaced": _("Replaced a report number"),
        "numbers.token-made": _("Made a token for the interface"),
        "numbers.token-revoked": _("Revoked a token of the interface"),
        "numbers.exported": _("Exported report numbers"),
    }
)
