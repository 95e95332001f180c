"""What was written and what somebody doubts: the queue, messages, replies and photos."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import Group
from groups.people.services.true_names import At, TrueName, true_names
from groups.records.policies import watches_somewhere
from groups.roles import Hat
from messaging.models import Placement, Post, Reply, Writing, WritingState
from moderation.cases.models.cases import SUBJECT_KINDS, Case, CaseState, Reason, Report, Side
from moderation.cases.services.contents import with_contents
from moderation.cases.services.looking import above_of, children_told, is_gone_in, opened, photos_told, reports_told
from moderation.desk.models.desk import BulkKind, BulkVerb
from moderation.desk.services.desk import cases_at, groups_named, photos_at, posts_at, replies_at
from moderation.desk.views.facets import SCHOOL, Facet, RowFacet
from moderation.desk.views.listing import DeskList, DeskRow
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.request import SignedInRequest
from portal.core.templatetags.kring import midway

SMALL = 400

STATE_OF_CASE = Facet(gettext_lazy("State"), "stand", "state", words=dict(CaseState.choices), default=CaseState.OPEN)
KIND_OF_CASE = Facet(gettext_lazy("About what"), "soort", "about_kind", words=SUBJECT_KINDS)
SIDE_OF_CASE = Facet(gettext_lazy("About whom"), "wie", "side", words=dict(Side.choices))


class CaseList(DeskList[Case]):
    slug = "zaken"
    name = gettext_lazy("What was reported")
    scope = staticmethod(cases_at)
    in_full = True
    kind = BulkKind.CASE
    facets = (SCHOOL, STATE_OF_CASE, KIND_OF_CASE, SIDE_OF_CASE)
    related = ("group",)
    ordering = ("told_at",)

    def is_for(self, actor: Actor) -> bool:
        return watches_somewhere(actor)

    def lines_of(self, request: SignedInRequest, rows: Sequence[Case]) -> list[DeskRow]:
        rows = with_contents(rows)
        reports = reports_told(rows, actor=request.actor)
        photos = photos_told(rows, actor=request.actor)
        children = children_told(rows, actor=request.actor)
        known = {case.pk: At(case.about_id, case.school_id, case.side) for case in rows}
        reporters = {one.pk: At(one.reporter_id, case.school_id, one.hat) for case in rows for one in reports[case.pk]}
        names = true_names([*known.values(), *reporters.values()], now=request.now)
        stand = {case.pk: above for case in rows if (above := above_of(case)) and not is_gone_in(case)}
        opens = opened(stand.values(), actor=request.actor)
        return [
            DeskRow(
                pk=case.pk,
                title=_what(case),
                url=address("moderation:case", case.uid),
                at=case.told_at,
                who=str(names[known[case.pk]]),
                text=_text(case),
                about=(*_context(case, children.get(case.pk, "")), *_doubts(reports[case.pk], reporters, names)),
                tags=tuple(_marks(case)),
                photos=_photos(case, photos[case.pk]),
                links=(_where_it_stands(above),) if (above := stand.get(case.pk)) and above.pk in opens else (),
            )
            for case in rows
        ]


def _what(case: Case) -> str:
    what = case.get_kind_display()
    return f"{what} {_('in %(group)s') % {'group': midway(case.group.name)}}" if case.group else what


def _text(case: Case) -> str:
    written = case.written
    if written is None or is_gone_in(case):
        return ""
    return "\n".join(filter(None, (written.title, written.text)))


def _context(case: Case, child: str) -> Iterator[str]:
    above = above_of(case)
    if above and above != case.written and above.title:
        yield _("Under the message “%(title)s”") % {"title": above.title}
    if case.written and case.written.thread_id:
        about = _("Only this message, from a conversation about %(name)s.") % {"name": child}
        yield about if child else _("Only this message, from a conversation about one child.")


def _doubts(reports: Sequence[Report], reporters: dict[int, At], names: dict[At, TrueName]) -> Iterator[str]:
    for report in reports:
        by = str(names[reporters[report.pk]])
        words = f" – {report.words}" if report.words else ""
        yield f"{str(Reason(report.reason).label).capitalize()} ({by}){words}"


def _marks(case: Case) -> Iterator[tuple[str, str]]:
    if not case.is_open:
        yield "circle-check", _("handled")
    if case.written and case.written.state == WritingState.HIDDEN:
        yield "eye-off", _("hidden")
    if case.side == Side.STAFF:
        yield "users", _("staff")
    if is_gone_in(case):
        yield "trash-2", _("is not there any more")


def _photos(case: Case, placements: Sequence[Placement]) -> tuple[tuple[str, str], ...]:
    if is_gone_in(case):
        return ()
    return tuple(
        (
            address("moderation:case_photo", case.uid, number, SMALL),
            one.alt or _("Photo %(number)s") % {"number": number},
        )
        for number, one in enumerate(placements, 1)
    )


STATE_OF_WRITTEN = Facet(gettext_lazy("State"), "stand", "state", words=dict(WritingState.choices))
IS_REPORTED = Facet(
    gettext_lazy("Reported"),
    "gemeld",
    "is_reported",
    words={True: gettext_lazy("reported"), False: gettext_lazy("not reported")},
)
GROUP_OF_POST = RowFacet(gettext_lazy("Group"), "groep", "group", named=groups_named)
GROUP_OF_REPLY = RowFacet(gettext_lazy("Group"), "groep", "post__group", named=groups_named)
GROUP_OF_PHOTO = RowFacet(gettext_lazy("Group"), "groep", "writing__group", named=groups_named)


def _of_written(written: Post | Reply) -> Iterator[tuple[str, str]]:
    if written.is_hidden:
        yield "eye-off", _("hidden")
    if written.is_reported:  # type: ignore[union-attr] # the scope annotates it
        yield "flag", _("reported")


def _by(written: Post | Reply, group: Group) -> str:
    return f"{written.author_name} · {midway(group.name)}"


class PostList(DeskList[Post]):
    slug = "berichten"
    name = gettext_lazy("Messages")
    scope = staticmethod(posts_at)
    kind = BulkKind.POST
    facets = (GROUP_OF_POST, STATE_OF_WRITTEN, IS_REPORTED)
    related = ("group",)
    search_fields = ("title", "text")
    search_names = ("author_name",)
    ordering = ("-published_at",)

    def line_of(self, row: Post) -> DeskRow:
        return _line(row, title=row.title, lead=row.title or row.text, post=row, list_of=self.slug)


class ReplyList(DeskList[Reply]):
    slug = "reacties"
    name = gettext_lazy("Replies")
    scope = staticmethod(replies_at)
    kind = BulkKind.REPLY
    facets = (GROUP_OF_REPLY, STATE_OF_WRITTEN, IS_REPORTED)
    related = ("post__group",)
    search_fields = ("text",)
    search_names = ("author_name",)
    ordering = ("-published_at",)

    def line_of(self, row: Reply) -> DeskRow:
        title = _("Under “%(title)s”") % {"title": row.post.title}
        return _line(row, title=title, lead=row.text, post=row.post, list_of=self.slug)


def _line(written: Post | Reply, *, title: str, lead: str, post: Post, list_of: str) -> DeskRow:
    """Of a message, or of a reply under `post`."""
    return DeskRow(
        pk=written.pk,
        title=title,
        lead=lead,
        url=address(f"desk:{list_of}_one", written.uid),
        at=written.published_at,
        who=_by(written, post.group),
        text=written.text,
        tags=tuple(_of_written(written)),
        links=(_where_it_stands(post),),
        needless=(BulkVerb.HIDE if written.is_hidden else BulkVerb.SHOW,),
    )


def _where_it_stands(above: Writing) -> tuple[str, str]:
    return above.page_in(Hat.STAFF), _("Look at it where it stands")


class PhotoList(DeskList[Any]):
    slug = "fotos"
    name = gettext_lazy("Photos")
    scope = staticmethod(photos_at)
    kind = BulkKind.PHOTO
    has_page = False
    facets = (GROUP_OF_PHOTO, IS_REPORTED)
    related = ("image", "writing__group")
    ordering = ("-placed_at",)

    def line_of(self, row: Any) -> DeskRow:
        return DeskRow(
            pk=row.pk,
            title=_("In “%(title)s”") % {"title": row.writing.title},
            at=row.placed_at,
            who=_by(row.writing, row.writing.group),
            text=row.alt,
            tags=(("flag", _("reported")),) if row.is_reported else (),
            photos=((address("messaging:photo", row.image.uid, SMALL), row.alt or _("A photo")),),
            url=row.writing.page_in(Hat.STAFF),
        )
