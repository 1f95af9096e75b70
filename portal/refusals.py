"""The words of the error pages: what happened, why, and how to mend it. 419 stands for a form that grew too old."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    title: str | Promise
    why: str | Promise
    mend: str | Promise


# Drawn without the database and without anything about the reader.
BARE = frozenset({500, 503})

WORDS: dict[int, Words] = {
    400: Words(
        _("The request could not be read"),
        _("The address or the form arrived incomplete or altered. Nothing was saved by it."),
        _(
            "Go back, reload the page and try again. If the address came from a message, open it from the message again."
        ),
    ),
    403: Words(
        _("This is not open to you"),
        _("Your present role does not include this act. Nothing was changed."),
        _("If you hold another role, switch to it in the menu at the top right. Otherwise ask your bureau."),
    ),
    404: Words(
        _("There is no such page"),
        _("The address is wrong, the item was removed, or it belongs to an institution or bureau outside your scope."),
        _("Check the address, or start from the home page. If you hold another role, switch to it and try again."),
    ),
    405: Words(
        _("This address only takes a form"),
        _("It was opened as a page, for example from a bookmark or by reloading. Nothing was changed."),
        _("Go back to the page with the button and use it there."),
    ),
    409: Words(
        _("Somebody else was first"),
        _("The item changed after you opened it, so what you sent was not applied. Nothing was overwritten."),
        _("Open the item again, see what changed, and decide anew."),
    ),
    410: Words(
        _("This invitation opens nothing any more"),
        _("It was used, taken back, or it is too old."),
        _("Ask the person who sent it for a new one. If you have an account already, sign in with it."),
    ),
    413: Words(
        _("Too much was sent at once"),
        _("The file or form is larger than this page accepts. Nothing was saved by it."),
        _("Split the file, or remove pictures and unused sheets, and send it again."),
    ),
    419: Words(
        _("The form was open too long and was not sent"),
        _(
            "You signed in again or signed out in another window, or the browser refuses cookies. Nothing was saved by it."
        ),
        _(
            "Go back one page: what you typed is still there. Reload it if sending fails again, and copy your words first."
        ),
    ),
    422: Words(
        _("Not done yet: something is missing or does not fit"),
        _("What was sent is incomplete or cannot be used as it stands. Nothing was changed by it."),
        _("Go back one page: what you typed is still there. Complete it and send it again."),
    ),
    429: Words(
        _("Too many tries in a short time"),
        _("The limit protects the accounts and keeps the system quick for everybody."),
        _("Wait a few minutes and try again. Nothing you have saved is affected."),
    ),
    500: Words(
        _("Something went wrong on our side"),
        _("An unexpected error was recorded. What you sent may not have been saved."),
        _("Go back and look whether it was saved; if you see no receipt, send it again: nothing is counted twice."),
    ),
    503: Words(
        _("The system cannot answer just now"),
        _(
            "The database is restarting or overloaded. What you sent just now was not confirmed; what was saved before is safe."
        ),
        _("Wait half a minute and try again. If you see no receipt, send it again: nothing is counted twice."),
    ),
}
