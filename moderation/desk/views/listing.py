"""`DeskList`: one kind of thing on the desk, read through its own scope and changed through its services only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import ClassVar, Generic, TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups.models import School
from groups.records.policies import directs_somewhere, watches_somewhere
from moderation.desk.forms import ActForm, chosen_in
from moderation.desk.models.desk import BulkVerb
from moderation.desk.services.bulk import MOST, NothingChosenError, TooManyError, begin_act, chosen_of, verbs_of
from moderation.desk.services.desk import note_export
from moderation.desk.services.trail import history_of
from moderation.desk.views.facets import PAGE, SEARCH, Facet, ListQuery, Tally, asked_of, page_asked, query, rows_asked
from portal.core import access
from portal.core.actor import Actor
from portal.core.confirming import confirmed_recently
from portal.core.domain.moments import at_school
from portal.core.domain.sheets import sheet
from portal.core.models import User
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError
from portal.core.words import Words

SLUGS = {BulkVerb.HIDE: "verberg", BulkVerb.SHOW: "toon", BulkVerb.REMOVE: "verwijder"}
SAMPLE = 5
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class DeskRow:
    """One thing on the desk. `tags`: icon and words · `photos`: address and words · `links`: address and words."""

    pk: int
    title: str
    at: datetime | None = None
    who: str = ""
    text: str = ""
    about: Sequence[str] = ()
    tags: Sequence[tuple[str, str]] = ()
    photos: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = field(default_factory=list)


def door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For who directs a school, and its case officer; for all others, a superuser too, it is not there: 404."""

    @wraps(view)
    def inside(request: SignedInRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not watches_somewhere(request.actor):
            raise Http404
        return view(request, *args, **kwargs)

    return inside


class DeskList(Generic[Row]):
    """A list, one page a thing, its history, a file, and acts on many; nothing is added, changed or deleted here.

    `scope`: which rows, asked with the person and the moment. `kind`: what acts are called for it; empty for none.
    `search_fields` are looked through, `related` comes along with a row, `ordering` ends with the row's number.
    """

    slug: ClassVar[str]
    name: ClassVar[Words]
    says: ClassVar[Words] = ""
    scope: ClassVar[Callable[..., QuerySet]]
    kind: ClassVar[str] = ""
    has_page: ClassVar[bool] = True
    facets: ClassVar[Sequence[Facet]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    related: ClassVar[Sequence[str]] = ()
    ordering: ClassVar[Sequence[str]] = ()
    per_page: ClassVar[int] = 25

    def lines_of(self, request: SignedInRequest, rows: Sequence[Row]) -> list[DeskRow]:
        """These rows as lines, in the same number of questions for any number of them."""
        raise NotImplementedError

    def rows(self, user: User, *, now: datetime) -> QuerySet[Row]:
        """Everything on this list of `user`."""
        return type(self).scope(user, now=now)

    def is_for(self, actor: Actor) -> bool:
        """Whether this person has the list at all."""
        return directs_somewhere(actor)

    def routes(self) -> list[URLPattern]:
        """Its pages. Acts and files are asked for by somebody who proved again who it is."""
        writing = (confirmed_recently(self.export_view), confirmed_recently(self.act_view))
        exporting, acting = (door(require_POST(view)) for view in writing)
        routes = [
            path("", door(require_safe(self.list_view)), name=self.slug),
            path("lijst/", exporting, name=f"{self.slug}_export"),
            *(
                path(f"{SLUGS[verb]}/", acting, {"verb": verb}, name=f"{self.slug}_{SLUGS[verb]}")
                for verb in self.verbs()
            ),
        ]
        if self.has_page:
            routes.append(path("<uuid:uid>/", door(require_safe(self.one_view)), name=f"{self.slug}_one"))
        return routes

    def verbs(self) -> list[BulkVerb]:
        """What can be done with many of these."""
        return verbs_of(self.kind) if self.kind else []

    def asked(self, request: SignedInRequest, asked: QueryDict) -> ListQuery:
        """What is asked; 404 for who has no such list, and for a question that is none of its own."""
        self.demand(request)
        return asked_of(self.facets, asked)

    @access.declares("The directie, about the own school only; the queue also for the case officer.")
    def list_view(self, request: SignedInRequest) -> HttpResponse:
        asked = self.asked(request, request.GET)
        tally = Tally(self, asked, user=request.user, now=request.now)
        rows = page_asked(self, asked, user=request.user, now=request.now)
        if not rows and asked.page > 1:
            raise Http404
        context = {
            "listing": self,
            "lines": self.lines_of(request, rows),
            "total": tally.total,
            "sought": asked.words,
            "filters": [(facet.title, tally.options(facet, request.GET)) for facet in self.facets],
            "acts": self.acts(),
            "ask": request.META.get("QUERY_STRING", ""),
            "kept": {name: value for name, value in request.GET.items() if name not in {SEARCH, PAGE}},
            "before": query(request.GET, p=asked.page - 1) if asked.page > 1 else "",
            "after": query(request.GET, p=asked.page + 1) if self._has_more(asked, tally) else "",
        }
        return render(request, "desk/list.html", context)

    def _has_more(self, asked: ListQuery, tally: Tally) -> bool:
        return asked.page * self.per_page < tally.total

    def context(self, **more: object) -> dict[str, object]:
        return {"listing": self, "list_url": reverse(f"desk:{self.slug}"), **more}

    def acts(self) -> list[dict[str, object]]:
        """The buttons of it."""
        return [{"verb": verb, "url": reverse(f"desk:{self.slug}_{SLUGS[verb]}")} for verb in self.verbs()]

    @access.declares("The directie, about the own school only: one thing, and what happened to it.")
    def one_view(self, request: SignedInRequest, uid: UUID) -> HttpResponse:
        row = self.found(request, uid)
        [line] = self.lines_of(request, [row])
        history = history_of(uid, user=request.user, now=request.now)
        return render(request, "desk/one.html", self.context(line=line, history=history, acts=self.acts()))

    def found(self, request: SignedInRequest, uid: UUID) -> Row:
        self.demand(request)
        return get_object_or_404(self.rows_with_related(request), uid=uid)

    def rows_with_related(self, request: SignedInRequest) -> QuerySet[Row]:
        """Everything on this list of who asks, each row with what stands beside it."""
        return self.rows(request.user, now=request.now).select_related(*self.related)

    def demand(self, request: SignedInRequest) -> None:
        """404 for who has no such list."""
        if not self.is_for(request.actor):
            raise Http404

    @access.declares("The directie, proved again, about the own school only: what the list shows, as a file.")
    def export_view(self, request: SignedInRequest) -> HttpResponse:
        """A POST, because it is written down who took what along."""
        rows = list(self._listed(request))
        schools = School.objects.watched_by(request.actor)
        note_export(name=self.slug, count=len(rows), schools=schools, by=request.actor)
        head = [_("What"), _("Who"), _("When"), _("Text"), _("Further"), _("Marks")]
        lines = [_cells(line) for line in self.lines_of(request, rows)]
        response = HttpResponse(sheet([head, *lines]), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{self.slug}.csv"'
        return response

    @access.declares("The directie, proved again, about the own school only: do this with many things, for a reason.")
    def act_view(self, request: SignedInRequest, verb: BulkVerb) -> HttpResponse:
        """First how many and which, then the reason; only the second form does anything."""
        self.demand(request)
        form = ActForm(request.POST) if "key" in request.POST else None
        try:
            return self._go(request, verb, form)
        except NothingChosenError:
            messages.warning(request, _("Choose something in the list first."))
        except TooManyError:
            sentence = _("That is too much at once. Choose at most %(most)s.") % {"most": MOST}
            messages.warning(request, sentence)
        return redirect(f"desk:{self.slug}")

    def _go(self, request: SignedInRequest, verb: BulkVerb, form: ActForm | None) -> HttpResponse:
        sent = (form["chosen"].value() or "").split() if form else request.POST.getlist("chosen")
        asked = self._everything(request) if "everything" in request.POST and form is None else chosen_in(sent)
        chosen = chosen_of(kind=self.kind, chosen=asked, by=request.actor)
        if form is None or not form.is_valid():
            return self._ask(request, verb, chosen, form)
        try:
            act = begin_act(verb=verb, kind=self.kind, chosen=chosen, **form.said, by=request.actor)
        except AlreadySubmittedError as first:
            return redirect("desk:act", first.subject_uid)
        return redirect("desk:act", act.uid)

    def _everything(self, request: SignedInRequest) -> list[int]:
        """All that the list shows, on every page of it."""
        return list(self._listed(request).values_list("pk", flat=True)[: MOST + 1])

    def _listed(self, request: SignedInRequest) -> QuerySet[Row]:
        """The same rows again: the filters come along in the form, for who proves again who it is loses a question
        mark on the way."""
        asked = self.asked(request, QueryDict(request.POST.get("ask", "")))
        return rows_asked(self, asked, user=request.user, now=request.now)

    def _ask(self, request: SignedInRequest, verb: BulkVerb, chosen: list[int], form: ActForm | None) -> HttpResponse:
        if not chosen:
            raise NothingChosenError
        rows = self.rows_with_related(request).filter(pk__in=chosen[:SAMPLE])
        context = self.context(
            verb=verb,
            act_url=reverse(f"desk:{self.slug}_{SLUGS[verb]}"),
            count=len(chosen),
            more=max(0, len(chosen) - SAMPLE),
            lines=self.lines_of(request, list(rows)),
            form=form or ActForm(initial={"key": uuid4(), "chosen": " ".join(map(str, chosen))}),
        )
        return render(request, "desk/act.html", context, status=422 if form else 200)


def _cells(line: DeskRow) -> list[str]:
    at = f"{at_school(line.at):%d-%m-%Y %H:%M}" if line.at else ""
    marks = ", ".join(words for _icon, words in line.tags)
    return [str(line.title), line.who, at, line.text, " / ".join(line.about), marks]
