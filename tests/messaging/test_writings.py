"""One table of what people write: each kind finds its own, and a row is what it is wherever it comes from."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Message, Placement, Post, Reply, Seen, Writing, WritingKind, WritingVersion
from moderation.models import Case
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import SIGN_IN, Cast
from tests.moderation.reporting import reported
from tests.scene import Scene

pytestmark = pytest.mark.engines

ROOT = Path(__file__).resolve().parents[2]
KINDS: list[type[Writing]] = [Post, Reply, Message]


def visit_as(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=SIGN_IN)
    return client


def test_every_kind_has_its_class() -> None:
    assert Writing.kinds == dict(zip(WritingKind.values, KINDS, strict=True))


def test_each_finds_its_own_and_together_they_are_all(scene: Scene) -> None:
    by_kind = {one: set(one.objects.values_list("pk", flat=True)) for one in KINDS}
    assert all(by_kind.values())
    assert sum(map(len, by_kind.values())) == len(set().union(*by_kind.values())) == Writing.objects.count()
    for one, keys in by_kind.items():
        assert set(Writing.objects.filter(kind=one.of_kind).values_list("pk", flat=True)) == keys


def test_a_kind_says_of_itself_what_others_ask(cast: Cast, scene: Scene) -> None:
    """Its words, its name in an address, its powers and its page: nobody else has a list of kinds."""
    assert {one.in_addresses: one for one in KINDS} == {"bericht": Post, "reactie": Reply, "gesprek": Message}
    for kind, row in zip(KINDS, [scene.post, scene.reply, scene.said_by_teacher], strict=True):
        words = kind.words
        said = (words.name, words.counted, words.question, words.sealed, words.own and words.own.to("family"))
        assert all(map(str, said))
        assert bool(words.trail) == bool(words.done)
        acts = {"hide", "show", "retract", *(["place"] if kind.is_planned else [])}
        assert set(words.asks) == (acts if "may_hide" in kind.powers else set())
        author = Actor(row.author, Hat(row.hat), timezone.now())
        annotated = kind.rows().with_powers_for(author).query.annotations
        assert set(annotated) == set(kind.powers)
        assert kind.rows().visible_to(author).select_related(*kind.fetched_with).contains(row)
        assert kind.rows().met_by(author).contains(row)
        assert visit_as(row.author).get(row.page_in(row.hat)).status_code == 200


KNOWS_ITS_KIND = {("moderation/kind_words/policies.py", "Reply"): "parents call each other to account under replies"}


def test_nobody_asks_which_kind_it_is() -> None:
    """A kind more is no line more for who reports, handles, removes, seals or tells."""
    names = {one.__name__ for one in KINDS}
    asked = {
        (str(path.relative_to(ROOT)), name.id)
        for app in ("groups", "messaging", "moderation")
        for path in (ROOT / app).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("isinstance", "issubclass")
        for name in ast.walk(call.args[1])
        if isinstance(name, ast.Name) and name.id in names
    }
    assert asked == set(KNOWS_ITS_KIND)


def test_a_row_comes_back_as_what_it_is(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply).case
    fetched = [
        *Writing.objects.all(),
        *(one.writing for one in Placement.objects.select_related("writing")),
        *(one.writing for one in Seen.objects.all()),
        *(one.writing for one in WritingVersion.objects.all()),
        Case.objects.get(pk=case.pk).written,
        Reply.objects.select_related("post").get(pk=scene.reply.pk).post,
    ]
    assert {type(one) for one in fetched} == set(KINDS)
    assert all(one is not None and type(one).of_kind == one.kind for one in fetched)


def test_the_lists_of_a_group_and_a_talk_hold_one_kind(scene: Scene) -> None:
    assert {one.kind for one in scene.post.group.posts.all()} == {"post"}
    assert {one.kind for one in scene.post.reply_set.all()} == {"reply"}
    assert {one.kind for one in scene.talk_both.messages.all()} == {"message"}


def test_what_is_new_is_of_its_kind(scene: Scene) -> None:
    [made] = Reply.objects.bulk_create([_copy(scene.reply)])
    assert Reply.objects.filter(pk=made.pk).exists()
    assert not Post.objects.filter(pk=made.pk).exists()


def _copy(reply: Reply) -> Reply:
    same = ("school", "author", "hat", "author_name", "text", "html", "published_at", "post")
    return Reply(**{name: getattr(reply, name) for name in same})


@pytest.mark.parametrize(
    ("which", "values"),
    [
        ("post", "group_id = NULL"),
        ("post", "topic = ''"),
        ("post", "post_id = id"),
        ("post", "to_staff = (1 = 1)"),
        ("post", "kind = 'reply'"),
        ("post", "kind = 'letter'"),
        ("reply", "post_id = NULL"),
        ("reply", "title = 'x'"),
        ("reply", "state = 'submitted', published_at = NULL"),
        ("reply", "kind = 'message'"),
        ("said_by_mother", "thread_id = NULL"),
        ("said_by_mother", "replies = 'on'"),
        ("said_by_mother", "kind = 'post'"),
        ("said_by_mother", "published_at = NULL"),
    ],
)
def test_the_database_refuses_what_a_kind_cannot_be(scene: Scene, which: str, values: str) -> None:
    row = getattr(scene, which)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE messaging_writing SET {values} WHERE id = {row.pk}")  # noqa: S608


def test_a_photo_stands_in_one_text_once(scene: Scene) -> None:
    placement = Placement.objects.filter(writing=scene.post).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(
            school=placement.school,
            image=placement.image,
            writing=scene.post,
            position=9,
            placed_at=placement.placed_at,
        )


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda scene: Post.objects.filter(group=scene.post.group).order_by("-published_at", "-pk"), "post_of_group"),
        (lambda scene: Reply.objects.filter(post=scene.post).order_by("published_at"), "reply_of_post"),
        (
            lambda scene: Message.objects.filter(thread=scene.talk_both).order_by("-published_at", "-pk"),
            "message_of_thread",
        ),
    ],
)
def test_a_list_is_answered_by_the_index_of_its_kind(
    scene: Scene, rows: Callable[[Scene], QuerySet[Writing]], index: str
) -> None:
    """PostgreSQL reads small tables whole, so it is told not to: whether it may use the index is what is asked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    assert f"messaging_{index}" in rows(scene).explain()
