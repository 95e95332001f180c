"""The desk itself: who comes there, its front page, and what becomes of work begun there (security.md 4)."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from groups.models import Child, Guardianship, StaffMember
from groups.records.policies import directs_somewhere, watches_somewhere
from messaging.models import Placement, Post, Reply
from moderation.cases.models.cases import Case
from moderation.desk.admin.content import CaseAdmin, PhotoAdmin, PostAdmin, ReplyAdmin
from moderation.desk.admin.people import AdmissionAdmin, ChildAdmin, StaffAdmin
from moderation.desk.admin.scoped import DeskRow, ScopedAdmin
from moderation.desk.admin.trail import TrailAdmin
from moderation.desk.models.desk import LEFT_AS_IT_WAS, BulkAct, Outcome
from moderation.desk.models.trail import TrailEvent
from moderation.desk.services.bulk import counts_of
from moderation.desk.services.desk import waits_at
from portal.core import access
from portal.core.request import SignedInRequest

MOST_LISTED = 50


class Desk(AdminSite):
    """Django's admin for who directs a school, and for its case officer; for nobody else it is not there.

    No login, password or script pages of its own, no list of models, no popups and no autocompletes: of Django's routes
    only those below are mounted.
    """

    final_catch_all_view = False

    def has_permission(self, request: Any) -> bool:
        """A superuser without a task at a school has none here either."""
        return watches_somewhere(request.actor)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """404 instead of Django's way to a sign-in page: refused is the same as missing."""

        @wraps(view)
        def door(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not self.has_permission(request):
                raise Http404
            return view(request, *args, **kwargs)

        return door

    def get_urls(self) -> list[URLPattern | URLResolver]:
        door = self.admin_view
        routes: list[URLPattern | URLResolver] = [
            path("", door(require_safe(self.front)), name="index"),
            path("werk/<uuid:uid>/", door(require_safe(self.act)), name="act"),
            path("werk/<uuid:uid>/stand/", door(require_safe(self.act_progress)), name="act_progress"),
        ]
        return routes + [path(f"{admin.slug}/", include(admin.get_urls())) for admin in self.admins()]

    def admins(self) -> list[ScopedAdmin]:
        return list(self._registry.values())  # type: ignore[arg-type]

    @access.declares("The directie and the case officer: the lists of their own desk, with what waits.")
    def front(self, request: SignedInRequest) -> HttpResponse:
        cases, admissions = waits_at(request.user, now=request.now)
        waits = {CaseAdmin.slug: cases, AdmissionAdmin.slug: admissions}
        lists = [
            {"admin": one, "url": reverse(f"desk:{one.slug}"), "waits": waits.get(one.slug, 0)}
            for one in self.admins()
            if one.has_view_permission(request)
        ]
        directs = directs_somewhere(request.actor)
        return render(request, "desk/index.html", {"lists": lists, "directs": directs})

    @access.declares("Who began it: how far the work is, and what was left as it was.")
    def act(self, request: SignedInRequest, uid: UUID) -> HttpResponse:
        act = _own(request, uid)
        counts = counts_of(act)
        context = {
            "act": act,
            "is_busy": act.finished_at is None,
            "words": _words(counts.total(), counts[Outcome.WAITING]),
            "counts": [(outcome.label, counts[outcome]) for outcome in Outcome if counts[outcome]],
            "left": self._left(request, act),
            "more": max(0, sum(counts[one] for one in LEFT_AS_IT_WAS) - MOST_LISTED),
            "list_url": reverse(f"desk:{self._admin_of(act).slug}"),
        }
        return render(request, "desk/done.html", context)

    @access.declares("Who began it: one sentence about how far it is, for the page that waits.")
    def act_progress(self, request: SignedInRequest, uid: UUID) -> HttpResponse:
        act = _own(request, uid)
        if act.finished_at:
            return HttpResponse(status=204)
        counts = counts_of(act)
        sentence = _words(counts.total(), counts[Outcome.WAITING])
        return HttpResponse(sentence, content_type="text/plain; charset=utf-8")

    def _admin_of(self, act: BulkAct) -> ScopedAdmin:
        return next(one for one in self.admins() if one.kind == act.kind)

    def _left(self, request: SignedInRequest, act: BulkAct) -> list[tuple[str, DeskRow | None]]:
        """What was left as it was, and why; what this person does not see any more has no line."""
        items = list(act.items.filter(outcome__in=LEFT_AS_IT_WAS).order_by("pk")[:MOST_LISTED])
        admin = self._admin_of(act)
        rows = admin.get_queryset(request).select_related(*admin.related).filter(pk__in=[i.subject_id for i in items])
        lines = {line.pk: line for line in admin.lines_of(request, list(rows))}
        return [(item.get_outcome_display(), lines.get(item.subject_id)) for item in items]


def _own(request: SignedInRequest, uid: UUID) -> BulkAct:
    act: BulkAct = get_object_or_404(BulkAct.objects.made_by(request.user), uid=uid)
    return act


def _words(total: int, waiting: int) -> str:
    sentence = ngettext("%(done)s of %(count)s is done.", "%(done)s of %(count)s are done.", total)
    return sentence % {"done": total - waiting, "count": total} if waiting < total else _("Kring begins in a moment.")


desk = Desk("desk")


desk.register(Case, CaseAdmin)


desk.register(Post, PostAdmin)


desk.register(Reply, ReplyAdmin)


desk.register(Placement, PhotoAdmin)


desk.register(Child, ChildAdmin)


desk.register(Guardianship, AdmissionAdmin)


desk.register(StaffMember, StaffAdmin)


desk.register(TrailEvent, TrailAdmin)
