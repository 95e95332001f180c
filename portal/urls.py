"""The site's table of contents."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from portal.core import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("gezond/", views.health, name="health"),
    path("", include("groups.urls")),
    path("", include("messaging.urls")),
    path("", include("allauth.urls")),
]
if not settings.PRODUCTION:
    urlpatterns.insert(0, path("", include("portal.demo.urls")))
