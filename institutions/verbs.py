"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.trail.verbs import name_details, register

register(
    {
        "account.signed-in": _("Signed in"),
        "account.sign-in-failed": _("Failed to sign in"),
        "account.signed-out": _("Signed out"),
        "account.idled-out": _("Was signed out after idling"),
        "account.timed-out": _("Was signed out at the end of the session"),
        "account.switched": _("Switched membership"),
        "account.password-changed": _("Changed the password"),
        "account.password-reset": _("Set a new first password"),
        "account.sessions-ended": _("Signed out of all other browsers"),
        "account.created": _("Created the account"),
        "account.activated": _("Opened the account"),
        "account.deactivated": _("Stopped the account"),
        "membership.begun": _("Appointed"),
        "membership.ended": _("Ended the appointment"),
        "membership.handed-over": _("Handed the role over"),
        "application.received": _("Applied for an account"),
        "application.approved": _("Approved an application for an account"),
        "application.refused": _("Refused an application for an account"),
        "invitation.sent": _("Invited somebody"),
        "invitation.revoked": _("Revoked an invitation"),
        "invitation.accepted": _("Accepted an invitation"),
        "bureau.created": _("Created the bureau"),
        "bureau.moved": _("Moved the bureau"),
        "bureau.loaded": _("Loaded bureaus and regions"),
        "institution.registered": _("Registered the institution"),
        "institution.renamed": _("Renamed the institution"),
        "institution.closed": _("Closed the institution"),
        "institution.moved": _("Moved the institution to another bureau"),
        "institution.merged": _("Merged the institution into another"),
        "institution.split": _("Split an institution off"),
        "institution.reopened": _("Reopened the institution"),
        "institution.contact-confirmed": _("Confirmed the contact"),
        "institution.contact-corrected": _("Corrected the contact"),
        "institution.parent-set": _("Put the institution under a parent"),
        "register.exported": _("Exported a list of the register"),
        "register.received": _("Sent a register to import"),
        "register.applied": _("Applied a register"),
        "register.discarded": _("Put a register aside"),
        "certificate.added": _("Added a certificate"),
        "site.added": _("Added a site"),
        "grant.given": _("Authorised the bureau to review"),
        "grant.withdrawn": _("Withdrew the authorisation to review"),
        "grant.ran-out": _("The authorisation to review ran out"),
    }
)
name_details(
    {
        "name": pgettext_lazy("trail", "Name"),
        "sha256": _("Digest of the file"),
        "size": _("Bytes"),
        "cause": pgettext_lazy("trail", "Cause"),
        "list": pgettext_lazy("trail", "List"),
        "into": _("Merged into"),
        "new": _("New institution"),
        "uscc": _("Unified social credit code"),
        "institutions_new": _("New institutions"),
        "renamed": _("Renamed institutions"),
        "institutions_changed": _("Changed institutions"),
        "parents": _("Institutions put under a parent"),
        "units": _("Units without legal personality"),
        "certificates_new": _("New certificates"),
        "certificates_changed": _("Changed certificates"),
        "notices": _("Notices passed on"),
        "match": _("Match with the register"),
        "fields": _("Fields"),
        "invited_by": _("Invited by"),
    }
)
