"""Keeps the address and reference of the present request for the trail."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.errors import reference_of
from portal.trail.context import Origin, origin


def _valid(text: str) -> str | None:
    """The address in its short form, without a zone; None for anything else, such as a socket path or a host name."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def peer_address(request: HttpRequest) -> str | None:
    """Who really connected. Behind `PROXY_COUNT` proxies of ours it is the entry the outermost of them wrote.

    Everything to the left of that entry was sent by the caller and is never believed.
    """
    behind: int = settings.AXES_IPWARE_PROXY_COUNT
    if behind > 0:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if len(forwarded) >= behind and (address := _valid(forwarded[-behind])):
            return address
    return _valid(request.META.get("REMOTE_ADDR", ""))


class TrailContext:
    """Stands after `RefusalMiddleware`, which gives the request its reference."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = origin.set(Origin(peer_address(request), reference_of(request)))
        try:
            return self.get_response(request)
        finally:
            origin.reset(token)
