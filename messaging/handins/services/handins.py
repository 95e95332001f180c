"""Drafts handed in: given to who judges, given back with a word, agreed with, and placed (POL-07, 08, 71)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import Group
from groups.records.policies import can_publish
from groups.records.services.bylines import Byline, byline
from groups.roles import Hat
from messaging.asks.services.answering import check_ask
from messaging.handins.models import Handin, HandinKind, HandinState, HandinStep, HandinStepKind
from messaging.handins.policies import (
    can_approve,
    can_change_handin,
    can_hand_in,
    can_place_handin,
    can_return,
    can_withdraw,
)
from messaging.handins.services.handin_news import tell_judges, tell_writer
from messaging.newsletter.services.editions import bundle_posts
from messaging.photos.services.gate import check_marks
from messaging.photos.services.placements import change_images, not_yet_in, pictures_of, place_images, says_the_same
from messaging.posts.services.essential import check_essential
from messaging.posts.services.posts import Draft, check_moment, said_in, words_of
from messaging.writings.domain.rich_text import to_html
from messaging.writings.domain.text import CONTENT, PostContent, content_in, tidy_word, tidy_word_if_any
from messaging.writings.models import Post, WritingState
from messaging.writings.services.names import check_names
from messaging.writings.services.written import keep_versions, locked
from portal.core import access, audit, submissions
from portal.core.actor import Actor, clock
from portal.core.submissions import AlreadySubmittedError
from portal.core.transitions import holding, move

LANGUAGE = "nl"
"""What stands beside a name is written once, in the language of the school."""


def hand_in(
    *,
    kind: str,
    group: Group,
    council: Group | None = None,
    draft: Draft,
    word: str = "",
    by: Actor,
    submission_key: UUID | None = None,
) -> Handin:
    """Give a draft to who judges it; nobody else but its writer sees it, and it is placed nowhere yet.

    For the whole school on behalf of a `council` the writer sits in (POL-07), or as one of the staff (POL-08); or for
    an own group, so that the directie reads it first (POL-71). Names and photos pass the same gate as when placing.
    The same form again is the same draft; photos that it does not have come into it.
    Raises `PermissionDenied`, a `TextRefusedError`, `NamesRefusedError`, a `PicturesRefusedError`, or
    `AlreadySubmittedError` when the same form came in before.
    """
    with transaction.atomic():
        access.demand(can_hand_in(by, kind=kind, group=group, council=council))
        content = draft.content
        _check(content, draft, group, by)
        signed = _signed(kind, group, council, by)
        post = Post(
            school_id=group.school_id,
            group=group,
            author=by.user,
            hat=Hat(by.hat).value,
            author_name=signed.name,
            author_function=signed.function,
            html=to_html(content["text"]),
            language=by.user.language,
            state=WritingState.SUBMITTED,
            **content,
        )
        handin = Handin(
            school_id=group.school_id, post=post, kind=kind, council=council, created_at=by.now, changed_at=by.now
        )
        if submission_key:
            try:
                _claim(handin, content, submission_key, by)
            except AlreadySubmittedError as first:
                return _with_photos_too(first, draft, by=by)
        post.save()
        keep_versions([post], by=by)
        handin.post = post
        handin.save()
        place_images(posts=[post], groups=[group], pictures=draft.pictures, declared=draft.declared, by=by)
        _step(handin, HandinStepKind.HANDED_IN, by=by, word=tidy_word_if_any(word))
        tell_judges(handin=handin, now=by.now)
    return handin


def _claim(handin: Handin, content: PostContent, key: UUID, by: Actor) -> None:
    """A second click, or the same words and question again after Back, leads to the first."""
    said = said_in(content)
    same = Handin.objects.filter(
        post__author=by.user,
        post__group=handin.post.group,
        kind=handin.kind,
        council=handin.council,
        state=HandinState.WAITING,
        **{f"post__{name}": value for name, value in said.items()},
    )
    submissions.claim(
        user=by.user,
        key=key,
        subject_kind="handin",
        subject_uid=handin.uid,
        now=by.now,
        said=(handin.kind, handin.post.group_id, handin.council_id, sorted(said.items())),
        same=same.annotate(published_at=F("created_at")),
        taken_back=Handin.objects.taken_back_for(by).filter(post__author=by.user),
    )


def _with_photos_too(first: AlreadySubmittedError, draft: Draft, *, by: Actor) -> Handin:
    """The draft that came before, while it waits, with the photos that never stood in it; who judges it hears that."""
    current = _locked(Handin.objects.get(uid=first.subject_uid))
    new = not_yet_in(current.post, draft.pictures) if current.state == HandinState.WAITING else []
    if not new:
        raise first
    _rewrite(current.post, replace(draft, pictures=[*pictures_of(current.post), *new]), by=by)
    _move(current, HandinState.WAITING, HandinStepKind.HANDED_IN, by=by)
    tell_judges(handin=current, now=by.now)
    return current


def _signed(kind: str, group: Group, council: Group | None, by: Actor) -> Byline:
    """Under which name it will stand there: on behalf of the council, or as the writer always signs."""
    own = byline(user=by.user, group=group, hat=by.hat)
    if kind != HandinKind.COUNCIL or council is None:
        return own
    with translation.override(LANGUAGE):
        return Byline(own.name, _("on behalf of the %(council)s") % {"council": council.label or council.name})


def hand_in_again(*, handin: Handin, version: int, draft: Draft, word: str = "", by: Actor) -> Handin:
    """Change a draft that came back, and give it to who judges it once more; photos pass the gate again.

    Raises `PermissionDenied`, `EditedMeanwhileError`, a `TextRefusedError`, `NamesRefusedError`, a
    `PicturesRefusedError`.
    """
    with holding(handin, by=by, lock=_locked, may=can_change_handin, version=version) as current:
        _rewrite(current.post, draft, by=by)
        _move(current, HandinState.WAITING, HandinStepKind.HANDED_IN, by=by, word=tidy_word_if_any(word))
        tell_judges(handin=current, now=by.now)
    return current


def withdraw_handin(*, handin: Handin, by: Actor) -> Handin:
    """Take an own draft back before it is placed: nobody finds it any more. Raises `PermissionDenied`."""
    with holding(handin, by=by, lock=_locked, may=can_withdraw) as current:
        move(current.post, WritingState.RETRACTED, by=by, verb="post.retracted", also={"retracted_at": by.now})
        _move(current, HandinState.WITHDRAWN, HandinStepKind.WITHDRAWN, by=by)
    return current


def return_handin(*, handin: Handin, version: int, word: str, draft: Draft | None = None, by: Actor) -> Handin:
    """Give a draft back to its writer with a word.

    The words of `draft` are how who judges would say it: a proposal, that the writer sees beside the own words. They
    pass the gate when they are handed in again; of the photos the writer decides.
    Raises `PermissionDenied`, `EditedMeanwhileError`, and a `TextRefusedError` without a word.
    """
    with holding(handin, by=by, lock=_locked, may=can_return, version=version) as current:
        if draft and _differs(current.post, draft.content):
            _write(current.post, draft.content, by=by)
            _step(current, HandinStepKind.CHANGED, by=by.wearing(Hat.STAFF))
        as_staff = by.wearing(Hat.STAFF)
        _move(current, HandinState.RETURNED, HandinStepKind.RETURNED, by=as_staff, word=tidy_word(word))
        tell_writer(handin=current, now=by.now)
    return current


def return_left(*, now: datetime) -> int:
    """Give drafts back, in the name of the school, that still wait when their school year is over, as nobody judges
    them any more; each writer hears it. Repeatable; returns how many.
    """
    left = Handin.objects.waiting().filter(post__group__school_year__ends_at__lte=now).order_by("pk")
    return sum(_return_left(draft, clock(now)) for draft in left)


def _return_left(handin: Handin, by: Actor) -> bool:
    with transaction.atomic():
        current = _locked(handin)
        if current.state != HandinState.WAITING:
            return False
        with translation.override(LANGUAGE):
            word = _("The school year is over. Hand it in again.")
        _move(current, HandinState.RETURNED, HandinStepKind.RETURNED, by=by, word=word)
        tell_writer(handin=current, now=by.now)
    return True


def agree_handin(*, handin: Handin, version: int, word: str = "", by: Actor) -> Handin:
    """Say that a draft handed in for advice may be placed; its writer places it (POL-71).

    Raises `PermissionDenied`, `EditedMeanwhileError`, a `TextRefusedError`.
    """
    with holding(handin, by=by, lock=_locked, may=_can_agree, version=version) as current:
        as_staff = by.wearing(Hat.STAFF)
        _move(current, HandinState.AGREED, HandinStepKind.AGREED, by=as_staff, word=tidy_word_if_any(word))
        tell_writer(handin=current, now=by.now)
    return current


def approve_handin(
    *, handin: Handin, version: int, draft: Draft, word: str = "", at: datetime | None = None, by: Actor
) -> Handin:
    """Place a draft for the whole school, as it came or changed; its writer sees what was changed (POL-07, 08).

    Nobody else reads it before `at`, now without one (ADR 0048).

    It stands there under the writer's name, of a council on its behalf. Names, and every photo that stays, pass the
    gate of this moment. Raises `PermissionDenied`, `EditedMeanwhileError`, a `TextRefusedError`, `NamesRefusedError`,
    a `PicturesRefusedError`.
    """
    with holding(handin, by=by, lock=_locked, may=_can_place, version=version) as current:
        if _rewrite(current.post, draft, by=by.wearing(Hat.STAFF)):
            _step(current, HandinStepKind.CHANGED, by=by.wearing(Hat.STAFF))
        _place(current, at=at, by=by.wearing(Hat.STAFF), word=word)
        tell_writer(handin=current, now=by.now)
    return current


def place_handin(*, handin: Handin, version: int, draft: Draft, at: datetime | None = None, by: Actor) -> Handin:
    """The writer places a draft that the directie read along in, as it came back or changed (POL-71); read from `at`,
    now without one.

    Raises `PermissionDenied`, `EditedMeanwhileError`, a `TextRefusedError`, `NamesRefusedError`, a
    `PicturesRefusedError`.
    """
    with holding(handin, by=by, lock=_locked, may=can_place_handin, version=version) as current:
        _rewrite(current.post, draft, by=by)
        _place(current, at=at, by=by)
    return current


def _can_agree(by: Actor, handin: Handin) -> bool:
    return handin.kind == HandinKind.ADVICE and can_approve(by, handin)


def _can_place(by: Actor, handin: Handin) -> bool:
    return handin.kind != HandinKind.ADVICE and can_approve(by, handin)


def _locked(handin: Handin) -> Handin:
    """Both rows as they are now, held until the end of the transaction."""
    current = Handin.objects.select_for_update().get(pk=handin.pk)
    current.post = locked(current.post)
    return current


def _move(handin: Handin, to: HandinState, kind: HandinStepKind, *, by: Actor, word: str = "") -> None:
    """The next state, and the line in its history that says so."""
    facts = {"post_version": handin.post.version}
    also = {"version": handin.version + 1, "changed_at": by.now}
    move(handin, to, by=by, verb=f"handin.{kind}", also=also, facts=facts)
    _write_step(handin, kind, by=by, word=word)


def _rewrite(post: Post, draft: Draft, *, by: Actor) -> bool:
    """Make these the words and photos of the draft; returns whether anything changed. Everything passes the gate."""
    content = draft.content
    _check(content, draft, post.group, by)
    same_photos = says_the_same(draft.pictures, post)
    changed = not same_photos or _differs(post, content)
    if changed:
        _write(post, content, by=by)
    if not same_photos:
        change_images(posts=[post], pictures=draft.pictures, declared=draft.declared, by=by)
    _check_photos(post, by)
    return changed


def _differs(post: Post, content: PostContent) -> bool:
    return any(getattr(post, name) != value for name, value in content.items())


def _write(post: Post, content: PostContent, *, by: Actor) -> None:
    """The next version of the draft, with these words."""
    for name, value in content.items():
        setattr(post, name, value)
    post.html, post.version = to_html(post.text), post.version + 1
    post.save(update_fields=[*CONTENT, "html", "version"])
    keep_versions([post], by=by)


def _check(content: PostContent, draft: Draft, group: Group, by: Actor) -> None:
    """Names are asked of staff alone: a parent who hands in for a council would learn what other families answered.

    And of who does not place there as far as that person hears them. Whoever places it is asked.
    """
    if by.hat != Hat.FAMILY:
        words, hears = words_of(content, draft.pictures), None if can_publish(by, group) else by
        check_names(words, groups=[group], not_children=draft.not_children, now=by.now, hears=hears)
    check_ask(content, groups=[group], at=by.now)
    check_essential(content, groups=[group], at=by.now, by=by)


def _check_photos(post: Post, by: Actor) -> None:
    """The gate of this moment for every photo that stands in the draft, whenever it came in."""
    pictures = pictures_of(post)
    new = {picture.uid for picture in pictures}
    check_marks(pictures, new=new, groups=[post.group], declared=True, by=by.wearing(Hat.STAFF))


def _place(handin: Handin, *, at: datetime | None, by: Actor, word: str = "") -> None:
    content, moment = content_in(vars(handin.post)), max(at or by.now, by.now)
    check_moment(moment, groups=[handin.post.group])
    check_ask(content, groups=[handin.post.group], at=moment)
    check_essential(content, groups=[handin.post.group], at=moment, by=by.wearing(Hat.STAFF))
    facts = {"handed_in": True, "photos": len(pictures_of(handin.post))}
    move(handin.post, WritingState.PUBLISHED, by=by, verb="post.published", also={"published_at": moment}, facts=facts)
    _move(handin, HandinState.PLACED, HandinStepKind.PLACED, by=by, word=tidy_word_if_any(word))
    bundle_posts(posts=[handin.post], now=moment)


def _step(handin: Handin, kind: HandinStepKind, *, by: Actor, word: str = "") -> None:
    """A line in its history that changes no state, and the trail."""
    _write_step(handin, kind, by=by, word=word)
    audit.note(f"handin.{kind}", handin, by=by, post_version=handin.post.version)


def _write_step(handin: Handin, kind: HandinStepKind, *, by: Actor, word: str) -> None:
    """Under name and function of who did it; of the school, where it happens by itself."""
    signed = _signed_by(by, handin)
    HandinStep.objects.create(
        handin=handin,
        number=handin.steps.count() + 1,
        kind=kind,
        by=by.user or handin.post.author,
        by_name=signed.name,
        by_function=signed.function,
        word=word,
        post_version=handin.post.version,
        at=by.now,
    )


def _signed_by(by: Actor, handin: Handin) -> Byline:
    if by.user is None:
        return Byline(handin.school.name, "")
    if by.user.pk == handin.post.author_id:
        return Byline(handin.post.author_name, handin.post.author_function)
    return byline(user=by.user, group=handin.post.group, hat=by.hat)
