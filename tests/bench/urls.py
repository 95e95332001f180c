"""The site, and the floor: the same middleware, the session and the user, no work."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.core import access
from portal.urls import urlpatterns as site


@access.declares("The bench only.")
def floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.uid))


urlpatterns = [path("vloer/", floor), *site]
