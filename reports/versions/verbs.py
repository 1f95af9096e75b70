"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import name_details, register

register(
    {
        "scheme.copied": _("Copied a scheme version as a draft"),
        "scheme.uploaded": _("Uploaded a scheme workbook"),
        "scheme.mapped": _("Mapped renamed indicators"),
        "scheme.tried": _("Tried a draft's checks on filings"),
        "scheme.deleted": _("Deleted a draft of a scheme"),
        "scheme.published": _("Published a scheme version"),
    }
)
name_details(
    {
        "base": _("Made from"),
        "faults": _("Things to mend"),
        "renames": _("Renamed indicators"),
    }
)
