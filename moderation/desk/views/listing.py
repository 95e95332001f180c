"""`DeskList`: one kind of thing on the desk, read through its own scope and changed through its services only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, wraps
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from groups.models import School
from groups.records.policies import directs_somewhere
from moderation.cases.views.finding import is_of_several
from moderation.desk.forms import ActForm, chosen_in
from moderation.desk.models.desk import BulkVerb
from moderation.desk.services.bulk import (
    MOST,
    NothingChosenError,
    TooManyError,
    begin_act,
    chosen_of,
    standing_of,
    verbs_of,
)
from moderation.desk.services.desk import note_export, schools_among
from moderation.desk.services.trail import history_of
from moderation.desk.views.facets import EVERYTHING, Facet, ListQuery, Tally, asked_of, query, words_in
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.confirming import confirmed_recently
from portal.core.domain.chain import digest
from portal.core.domain.moments import at_school, noon_of
from portal.core.downloads import csv_file
from portal.core.paging import Rows, paged
from portal.core.request import SignedInRequest
from portal.core.said import let_go
from portal.core.searching import holding, naming
from portal.core.submissions import AlreadySubmittedError, is_claimed
from portal.core.templatetags.kring import moment
from portal.core.words import Words

SLUGS = {BulkVerb.HIDE: "verberg", BulkVerb.SHOW: "toon", BulkVerb.REMOVE: "verwijder"}
SAMPLE = 5
A_WHILE = 2
"""Days from which on they are counted."""
Row = TypeVar("Row", bound=Model)


class Part(NamedTuple):
    """One of several things of which a row is made, with its own page."""

    uid: UUID
    words: str
    url: str


@dataclass(frozen=True)
class DeskRow:
    """One thing on the desk. `tags`: icon and words · `photos`: address and words · `links`: address and words.

    `url` is where its row in a list leads, `lead` what stands first there instead of the title. Rows of one `family`
    that follow each other stand together under its name. What happened to its `parts` happened to it.
    Acts that are `needless` would change nothing, as it is now. `up`: the page that tells of it, where that is another.
    `facts`: what a file has of it in columns.
    """

    pk: int
    title: str
    url: str = ""
    lead: str = ""
    family: str = ""
    at: datetime | None = None
    who: str = ""
    text: str = ""
    about: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    photos: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    needless: tuple[str, ...] = ()
    up: str = ""
    facts: tuple[str, ...] = ()


def since_words(since: datetime | None, now: datetime) -> str:
    """For how many days it waits; of today and yesterday the moment."""
    if since is None:
        return ""
    days = (at_school(now).date() - at_school(since).date()).days
    if days < A_WHILE:
        return moment(since, now)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def day_and_clock(at: datetime) -> str:
    """A moment in a file."""
    return f"{at_school(at):%d-%m-%Y %H:%M}"


def only_for(may: Callable[[Actor], bool], view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 for all others, a superuser too: refused is the same as missing."""

    @wraps(view)
    def door(request: SignedInRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not may(request.actor):
            raise Http404
        return view(request, *args, **kwargs)

    return door


class DeskList(Generic[Row]):
    """A list, one page a thing, its history, a file, and acts on many; nothing is added, changed or deleted here.

    `scope`: which rows, asked with the actor. `kind`: what acts are called for it; empty for none.
    `chosen_by` annotates what the facets ask and a row does not need. `search_fields` are looked through, and
    `search_names` as names are. `related` comes along with a row, `ordering` ends with the row's number.
    `in_full`: each row shows all there is to judge it by, without its page.
    `columns`: the heads of its file.
    """

    slug: ClassVar[str]
    name: ClassVar[Words]
    scope: ClassVar[Callable[..., QuerySet]]
    kind: ClassVar[str] = ""
    has_page: ClassVar[bool] = True
    in_full: ClassVar[bool] = False
    facets: ClassVar[Sequence[Facet]] = ()
    chosen_by: ClassVar[Callable[..., QuerySet]] = staticmethod(lambda rows, actor: rows)
    search_fields: ClassVar[Sequence[str]] = ()
    search_names: ClassVar[Sequence[str]] = ()
    related: ClassVar[Sequence[str]] = ()
    ordering: ClassVar[Sequence[Any]] = ()
    per_page: ClassVar[int] = 25
    columns: ClassVar[Sequence[Words]] = (
        gettext_lazy("What"),
        gettext_lazy("Who"),
        gettext_lazy("When"),
        gettext_lazy("Text"),
        gettext_lazy("Further"),
        gettext_lazy("Marks"),
    )

    def lines_of(self, request: SignedInRequest, rows: Sequence[Row]) -> list[DeskRow]:
        """These rows as lines, in the same number of questions for any number of them."""
        return [self.line_of(row) for row in rows]

    def schools_of(self, rows: Sequence[Row]) -> list[School]:
        """The school of each of these rows. Asked beside them: joined to a list it may be where a plan begins."""
        schools = {one.pk: one for one in schools_among(keys=sorted({row.school_id for row in rows}))}
        return [schools[row.school_id] for row in rows]

    def lines_shown(self, request: SignedInRequest, rows: Sequence[Row]) -> list[DeskRow]:
        """What stands on the page of these rows; a file has each of them."""
        return self._lines(request, rows)

    def waiting(self, request: SignedInRequest) -> list[DeskRow]:
        """What of this list waits for this person, the oldest first."""
        return []

    def cells(self, line: DeskRow) -> list[str]:
        """What stands of a line under each of the `columns`."""
        at = day_and_clock(line.at) if line.at else ""
        marks = ", ".join(words for _icon, words in line.tags)
        further = " / ".join([*line.about, *(part.words for part in line.parts)])
        return [str(line.title), line.who, at, line.text, further, marks]

    def line_of(self, row: Row) -> DeskRow:
        """One of them, where a line needs nothing but its row."""
        raise NotImplementedError

    def rows(self, actor: Actor) -> QuerySet[Row]:
        """Everything on this list of `actor`."""
        rows = type(self).scope(actor)
        return rows.select_related(*self.related) if self.related else rows

    def listed(self, asked: ListQuery, *, actor: Actor) -> QuerySet[Row]:
        """What the list shows, in its order."""
        rows = self.searched(asked.words, actor=actor)
        rows = rows if set(asked.chosen) <= {EVERYTHING} else type(self).chosen_by(rows, actor)
        for facet, chosen in zip(self.facets, asked.chosen, strict=True):
            rows = facet.narrow(rows, chosen)
        return rows.order_by(*self.ordering, "-pk")

    def searched(self, words: str, *, actor: Actor) -> QuerySet[Row]:
        """Those in which each of the words stands somewhere."""
        rows = self.rows(actor)
        for word in words_in(words) if self.has_search else ():
            rows = rows.filter(self.holding(word, actor=actor))
        return rows

    def holding(self, word: str, *, actor: Actor) -> Q:
        """Where a word is looked for."""
        return holding(word, self.search_fields) | naming(word, self.search_names)

    @property
    def has_search(self) -> bool:
        """Whether one can look something up in it."""
        return bool(self.search_fields or self.search_names)

    @property
    def url(self) -> str:
        """Where it stands."""
        return reverse(f"desk:{self.slug}")

    def url_asked(self, ask: str) -> str:
        """The same with its filters and its page, as `ask` names them; what is no question of this list is left out."""
        asked = QueryDict(ask)
        try:
            asked_of(self.facets, asked)
        except Http404:
            return self.url
        return f"{self.url}?{asked.urlencode()}" if asked else self.url

    def is_for(self, actor: Actor) -> bool:
        """Whether this person has the list at all."""
        return directs_somewhere(actor)

    def routes(self) -> list[URLPattern]:
        """Its pages. Acts and files are asked for by somebody who proved again who it is."""
        door = partial(only_for, self.is_for)
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

    @access.declares("The directie, about the own school only; the queue also for the case officer.")
    def list_view(self, request: SignedInRequest) -> HttpResponse:
        asked = asked_of(self.facets, request.GET)
        who: dict[str, Any] = {"listing": self, "actor": request.actor}
        tally = Tally(self.facets, asked.chosen, _answer(_combinations, asked._replace(chosen=()), **who))
        size = self.per_page
        rows = Rows(lambda: tally.total, lambda first, _end: _answer(_page, asked, first=first, size=size, **who))
        page = paged(rows, request, size=size)
        shown = list(page)
        waiting = [] if asked.words or page.number > 1 else self.waiting(request)
        context = self.context(
            waiting=waiting[:SAMPLE],
            waits=len(waiting),
            lines=[self._leading(line, request.GET.urlencode()) for line in self.lines_shown(request, shown)],
            page=page,
            total=tally.total,
            everything_url=query(
                QueryDict(), **{each.name: EVERYTHING for each in self.facets if each.default != EVERYTHING}
            ),
            begun=bool(tally.everything or asked.words),
            sought=asked.words,
            filters=list(self.filters(request, tally)),
            today=noon_of(request.now),
        )
        return render(request, "desk/list.html", context)

    def _leading(self, line: DeskRow, ask: str) -> DeskRow:
        """Its own page knows from which part of the list one came."""
        return replace(line, url=f"{line.url}?{ask}") if ask and line.url.startswith(self.url) else line

    def filters(self, request: SignedInRequest, tally: Tally) -> Iterator[tuple[Words, str, list[dict[str, object]]]]:
        """Each with its choices; where there is nothing to choose between, it is not there."""
        for facet in self.facets:
            everything, *choices = tally.options(facet, request.GET)
            if len(choices) > 1 or not everything["current"]:
                yield facet.title, facet.name, [everything, *choices]

    def context(self, **more: object) -> dict[str, object]:
        return {"listing": self, "list_url": self.url, "acts": self.acts(), **more}

    def acts(self) -> list[dict[str, object]]:
        """The buttons of it."""
        return [{"verb": verb, "url": reverse(f"desk:{self.slug}_{SLUGS[verb]}")} for verb in self.verbs()]

    @access.declares("The directie, about the own school only: one thing, and what happened to it.")
    def one_view(self, request: SignedInRequest, uid: UUID) -> HttpResponse:
        lines = self._lines(request, _one(listing=self, uid=uid, actor=request.actor))
        if not lines:
            raise Http404
        history = history_of(uid, *(part.uid for part in lines[0].parts), actor=request.actor)
        ask = request.GET.urlencode()
        context = self.context(line=lines[0], history=history, ask=ask, back_url=self.url_asked(ask))
        return render(request, "desk/one.html", context)

    def lines_among(self, request: SignedInRequest, keys: list[int]) -> list[DeskRow]:
        """Those of these that are on the list of this person now."""
        return self._lines(request, _some(listing=self, keys=keys, actor=request.actor))

    def _lines(self, request: SignedInRequest, rows: Sequence[Row]) -> list[DeskRow]:
        return self.with_schools(request, self.lines_of(request, rows), lambda: self.schools_of(rows))

    def with_schools(
        self, request: SignedInRequest, lines: list[DeskRow], schools: Callable[[], Sequence[School]]
    ) -> list[DeskRow]:
        """The same lines, with the school of each; who works at several reads of which each is."""
        if not is_of_several(request):
            return lines
        told = zip(lines, schools(), strict=True)
        return [replace(line, who=" · ".join(filter(None, (line.who, str(at))))) for line, at in told]

    @access.declares("The directie, proved again, about the own school only: what the list shows, as a file.")
    def export_view(self, request: SignedInRequest) -> HttpResponse:
        """A POST, because it is written down who took what along."""
        rows = list(self._listed_again(request))
        schools = self.schools_of(rows)
        note_export(name=self.slug, schools=schools, by=request.actor)
        head = [str(name) for name in self.columns]
        lines = [self.cells(line) for line in self.lines_of(request, rows)]
        if is_of_several(request):
            head.append(_("School"))
            lines = [[*cells, str(school)] for cells, school in zip(lines, schools, strict=True)]
        return csv_file(self.slug, [head, *lines])

    @access.declares("The directie, proved again, about the own school only: do this with many things, for a reason.")
    def act_view(self, request: SignedInRequest, verb: BulkVerb) -> HttpResponse:
        """First how many and which, then the reason; only the second form does anything."""
        form = ActForm(request.POST, verb=verb) if "key" in request.POST else None
        try:
            return self._go(request, verb, form)
        except NothingChosenError:
            messages.warning(request, _("Choose something in the list first."))
        except TooManyError:
            sentence = _("That is too much at once. Choose at most %(most)s.") % {"most": MOST}
            messages.warning(request, sentence)
        return redirect(self.url_asked(request.POST.get("ask", "")))

    def _go(self, request: SignedInRequest, verb: BulkVerb, form: ActForm | None) -> HttpResponse:
        asked = chosen_in((form["chosen"].value() or "").split()) if form else self._ticked(request)
        chosen = chosen_of(kind=self.kind, chosen=asked, by=request.actor)
        stood = standing_of(kind=self.kind, chosen=chosen, by=request.actor)
        if form is None or not form.is_valid():
            return self._ask(request, verb, chosen, stood, form)
        said = form.cleaned_data
        if said["stood"] not in ("", stood) and not is_claimed(user=request.user, key=str(said["key"])):
            again = ActForm(initial={**said, "stood": stood}, verb=verb)
            return self._ask(request, verb, chosen, stood, again, is_stale=True)
        try:
            uid = begin_act(verb=verb, kind=self.kind, chosen=chosen, **form.said, by=request.actor).uid
        except AlreadySubmittedError as first:
            uid = first.subject_uid
        let_go(request)
        ask = QueryDict(request.POST.get("ask", "")).urlencode()
        return redirect(f"{reverse('desk:act', args=[uid])}{ask and f'?{ask}'}")

    def _ticked(self, request: SignedInRequest) -> list[int]:
        """What was chosen in the list, or all that it shows, on every page of it."""
        if "everything" in request.POST:
            return list(self._listed_again(request).values_list("pk", flat=True)[: MOST + 1])
        return chosen_in(request.POST.getlist("chosen"))

    def _listed_again(self, request: SignedInRequest) -> QuerySet[Row]:
        """The filters come along in the form: who proves again who it is loses a question mark on the way."""
        asked = asked_of(self.facets, QueryDict(request.POST.get("ask", "")))
        return self.listed(asked, actor=request.actor)

    def _ask(
        self,
        request: SignedInRequest,
        verb: BulkVerb,
        chosen: list[int],
        stood: str,
        form: ActForm | None,
        *,
        is_stale: bool = False,
    ) -> HttpResponse:
        if not chosen:
            raise NothingChosenError
        these, ask = " ".join(map(str, chosen)), request.POST.get("ask", "")
        context = self.context(
            verb=verb,
            act_url=reverse(f"desk:{self.slug}_{SLUGS[verb]}"),
            count=len(chosen),
            more=max(0, len(chosen) - SAMPLE),
            lines=self.lines_among(request, chosen[:SAMPLE]),
            is_stale=is_stale,
            form=form or ActForm(initial={"key": uuid4(), "chosen": these, "stood": stood}, verb=verb),
            kept=f"act-{digest(these.encode())}",
            ask=ask,
            back_url=self.url_asked(ask),
        )
        return render(request, "desk/act.html", context, status=409 if is_stale else 422 if form else 200)


@compiled
def _one(listing: DeskList, uid: UUID, actor: Actor) -> QuerySet:
    return listing.rows(actor).filter(uid=uid)


@compiled
def _some(listing: DeskList, keys: list[int], actor: Actor) -> QuerySet:
    return listing.rows(actor).filter(pk__in=keys)


@compiled
def _page(listing: DeskList, asked: ListQuery, first: int, size: int, actor: Actor) -> QuerySet:
    return listing.listed(asked, actor=actor)[first : first + size]


@compiled
def _combinations(listing: DeskList, asked: ListQuery, actor: Actor) -> QuerySet:
    columns = {column for facet in listing.facets for column in facet.columns}
    rows = type(listing).chosen_by(listing.searched(asked.words, actor=actor), actor)
    return rows.order_by().values(*sorted(columns)).annotate(count=Count("pk"))


def _answer(question: Any, asked: ListQuery, **given: object) -> list[Any]:
    """What is searched for is typed by somebody: such a question is not worth keeping."""
    return list((question.__wrapped__ if asked.words else question)(asked=asked, **given))
