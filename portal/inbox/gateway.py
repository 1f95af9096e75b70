"""One connection to the mail gateway, with the moment known at which a message may have left the house."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend


class GatewayDown(Exception):
    """No message can be sent just now; nothing was handed over."""


class NotTaken(Exception):
    """The gateway said no to one message; `for_good` when another try is useless."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.for_good = for_good


class Unconfirmed(Exception):
    """The message was handed over and no answer came; it may or may not be delivered."""


class Gateway:
    """The mail backend of the settings. A backend that is not SMTP takes a message as a whole."""

    def __init__(self) -> None:
        self._backend: Any = get_connection(fail_silently=False)

    def __enter__(self) -> Self:
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            raise GatewayDown(_words(error)) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            return  # it hung up first

    def send(self, message: EmailMessage, *, before_handing_over: Callable[[], None]) -> None:
        """Returns when the gateway confirmed. `before_handing_over` may raise to stop; after it the message may be out."""
        if isinstance(self._backend, EmailBackend):
            self._send_by_smtp(self._backend.connection, message, before_handing_over)
        else:
            before_handing_over()
            self._backend.send_messages([message])

    def _send_by_smtp(self, smtp: Any, message: EmailMessage, before_handing_over: Callable[[], None]) -> None:
        wire = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django adds the argument
        try:
            smtp.ehlo_or_helo_if_needed()
            _accepted(smtp, smtp.mail(message.from_email))
            for address in message.recipients():
                _accepted(smtp, smtp.rcpt(address))
        except UnicodeError:  # an address that this gateway cannot be told
            _reset(smtp)
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise GatewayDown(_words(error)) from error
        try:
            before_handing_over()
        except BaseException:
            _reset(smtp)
            raise
        try:
            answer = smtp.data(wire)
        except smtplib.SMTPDataError as error:
            raise NotTaken(_words(error), for_good=500 <= error.smtp_code < 600) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unconfirmed(_words(error)) from error
        _accepted(smtp, answer)


def _accepted(smtp: Any, answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code not in (250, 251):
        _reset(smtp)
        if code == 421:
            raise GatewayDown(f"{code} {words.decode(errors='replace')}")
        raise NotTaken(f"{code} {words.decode(errors='replace')}", for_good=500 <= code < 600)


def _reset(smtp: Any) -> None:
    try:
        smtp.rset()
    except (OSError, smtplib.SMTPException):
        smtp.close()  # the next message finds the gateway down


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
