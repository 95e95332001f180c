"""Sealed bytes on their way out: a page that can fetch and run nothing, or a PDF that nobody keeps for later."""

from django.http import HttpResponse

_SHUT_OFF = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def sealed_page(content: bytes) -> HttpResponse:
    """A self-contained page, shut off from everything."""
    return HttpResponse(content, content_type="text/html; charset=utf-8", headers=_SHUT_OFF)


def sealed_pdf(content: bytes, *, name: str) -> HttpResponse:
    """A PDF to take along as `name`.pdf."""
    disposition = f'attachment; filename="{name}.pdf"'
    headers = {**_SHUT_OFF, "Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
