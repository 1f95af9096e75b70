"""What the acts of this room are called in the trail; one for each verb of `transitions.TRANSITIONS`, and the rest."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import name_details, register

register(
    {
        "filing.begin": _("Began to fill"),
        "filing.submit": _("Submitted the filing"),
        "filing.ready": _("Marked the filing as ready to sign"),
        "filing.handed_back": _("Handed the filing back to the filer"),
        "filing.recall": _("Recalled the filing"),
        "filing.forward": _("Passed the filing on"),
        "filing.accept": _("Accepted the filing"),
        "filing.return": _("Returned the filing"),
        "filing.reopen": _("Returned the accepted filing"),
        "filing.excuse": _("Excused the institution"),
        "filing.release": _("Released from the roster by what befell the institution"),
        "filing.reroute": _("Sent the filing to another bureau"),
        "filing.restore": _("Put back on the roster"),
        "filing.added": _("Added to the roster"),
        "filing.moved": _("The filing went to another bureau with its institution"),
        "filing.opened": _("Opened the filing for review"),
        "department.asked": _("Asked for another reviewing department"),
        "department.withdrawn": _("Took the request for another department back"),
        "department.accepted": _("Became the reviewing department"),
        "department.refused": _("Refused to become the reviewing department"),
        "extension.asked": _("Asked for more time"),
        "extension.withdrawn": _("Took the request for more time back"),
        "extension.granted": _("Granted more time"),
        "extension.refused": _("Refused more time"),
        "filing.filled_from_last_year": _("Filled empty cells from last year"),
        "filing.row_removed": _("Removed a row"),
        "filing.workbook_uploaded": _("Uploaded a workbook"),
        "filing.workbook_applied": _("Saved cells from a workbook"),
        "filing.printed": _("Took the tables as PDF"),
    }
)
name_details(
    {
        "from": _("State before"),
        "to": _("State after"),
        "note": _("Note"),
        "off_reason": _("Code of the reason"),
        "revision": _("Revision"),
        "table": _("Table"),
        "row": _("Row"),
    }
)
