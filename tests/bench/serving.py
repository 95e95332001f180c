"""The site as production serves it, with the bench's floor beside it."""

from django.conf import settings

settings.ROOT_URLCONF = "tests.bench.urls"

from portal.wsgi import application

__all__ = ["application"]
