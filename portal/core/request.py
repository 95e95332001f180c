"""What a request is behind the doors: somebody signed in, and the moment every question is asked at."""

from datetime import datetime

from django.http import HttpRequest

from portal.core.models import User


class SignedInRequest(HttpRequest):
    """`LoginRequiredMiddleware` lets nobody else through; the clock's middleware set `now`."""

    user: User
    now: datetime
