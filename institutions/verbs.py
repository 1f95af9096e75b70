"""What the acts of this room are called in the trail."""

from django.utils.translation import gettext_lazy as _

from portal.trail.verbs import register

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
