"""Every page of the desk: its front, the work begun there, and the lists."""

from functools import partial

from django.urls import include, path
from django.views.decorators.http import require_safe

from groups.records.policies import watches_somewhere
from moderation.desk.views.desk import LISTS, act, act_progress, front
from moderation.desk.views.listing import only_for
from moderation.desk.views.state import state

app_name = "desk"
door = partial(only_for, watches_somewhere)
urlpatterns = [
    path("", require_safe(front), name="index"),
    path("kring/", require_safe(state), name="state"),
    path("werk/<uuid:uid>/", door(require_safe(act)), name="act"),
    path("werk/<uuid:uid>/stand/", door(require_safe(act_progress)), name="act_progress"),
    *(path(f"{one.slug}/", include(one.routes())) for one in LISTS),
]
