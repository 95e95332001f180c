"""A request after the middleware: somebody is signed in, and it has one moment."""

from datetime import datetime

from django.http import HttpRequest

from portal.core.models import User


class SignedInRequest(HttpRequest):
    user: User
    now: datetime
