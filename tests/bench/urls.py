"""The site, the floor (the same middleware, the session and the user, no work), and the feed without consent."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from groups.roles import Hat
from messaging.posts.views.reading import feed
from portal.core import access
from portal.urls import urlpatterns as site
from tests.bench.consent import without_rule


@access.declares("The bench only.")
def floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.uid))


@access.declares("The bench only.")
def feed_without_rule(request: HttpRequest) -> HttpResponse:
    with without_rule():
        return feed(request, hat=Hat.FAMILY)


urlpatterns = [path("vloer/", floor), path("thuis/berichten/zonder/", feed_without_rule), *site]
