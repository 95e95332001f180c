"""The bytes of a photo, once its door was asked: one way of answering for every door."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from portal.core.media import storage
from portal.core.media.kinds import LARGE, MIDDLE, SMALL, kind_for, side_for

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Cookie",
}
"""deploy/nginx.conf has these too, for the bytes it sends itself."""


def photo_response(request: HttpRequest, *, key: str, sha256: str, side: int) -> HttpResponse:
    """One size of a photo; each showing asks its door again, and only then a known picture is not sent twice.

    Raises `Http404` for a size there is not.
    """
    if side not in (SMALL, MIDDLE, LARGE):
        raise Http404
    side = side_for(key=key, side=side)
    try:
        kind = kind_for(request.headers.get("Accept"), key=key, side=side)
        etag = f'"{sha256[:32]}-{side}-{kind}"'
        response = get_conditional_response(request, etag=etag) or bytes_of(key, kind, side)
    except FileNotFoundError:
        raise Http404 from None
    for name, value in {**HEADERS, "ETag": etag}.items():
        response.headers[name] = value
    return response


def bytes_of(key: str, kind: str, side: int) -> HttpResponse:
    """From the storage, or by nginx. Raises `FileNotFoundError`."""
    if settings.KRING_ACCEL:
        inside = settings.KRING_ACCEL + storage.address(key, kind, side)
        return HttpResponse(headers={"Content-Type": f"image/{kind}", "X-Accel-Redirect": inside})
    return HttpResponse(storage.read(key, kind, side), content_type=f"image/{kind}")
