"""Removal with its hard copy: nothing goes without its entry in the dossier, and nobody else reads it (POL-61, 62)."""

import base64
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from groups.roles import Hat
from messaging.models import Placement, Post, Reply, WritingState
from messaging.posts.services.posts import edit_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.domain import unpack
from messaging.removing.services import hard_copy, removal
from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import (
    AlreadyRemovedError,
    MovedTooOftenError,
    clear_report,
    note_report,
    remove_photo,
    remove_written,
    retract_post,
    retract_written,
)
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import edit_words
from moderation.dossier.services.drawing import page_of
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.models import AuditEvent, DossierEntry, DossierPayload
from tests.messaging.conftest import later
from tests.messaging.moments import NOW

pytestmark = pytest.mark.engines

REASON = "Kwetsend voor een ander kind."
SENTENCE = "De school heeft dit bericht weggehaald."


@pytest.fixture
def reply(town: Any, place: Any) -> Any:
    """Karima's answer under a message of juf Anna in groep 4."""
    return publish_reply(post=place(), text="Wat een onzin.", by=Actor(town.user["Karima"], Hat.FAMILY, NOW))


def removed(town: Any, written: Any, by: str = "Anna", hat: str = Hat.STAFF, **more: Any) -> DossierEntry:
    return remove_written(written=written, reason=REASON, by=Actor(town.user[by], hat, later(minutes=5)), **more)


def copy_of(entry: DossierEntry) -> str:
    """The page that is drawn from what was sealed."""
    content = dossier.read(entry)
    assert content is not None
    return page_of(content).decode()


def test_a_removed_reply_is_in_the_dossier_and_nowhere_else(town: Any, reply: Any) -> None:
    edit_words(
        written=reply, version=1, text="Wat een grote onzin.", by=Actor(reply.author, Hat.FAMILY, later(minutes=1))
    )
    mark_seen(by=Actor(town.user["Lotte"], Hat.ANY, later(minutes=2)), uids=[reply.post.uid])
    entry = removed(town, reply)
    reply.refresh_from_db()
    assert (reply.state, reply.text, reply.html, reply.dossier_entry) == (WritingState.REMOVED, "", "", entry)
    copy = copy_of(entry)
    for said in (
        "Wat een grote onzin.",
        ">Wat een onzin.</p>",
        "Karima Bouzid",
        REASON,
        "Anna Prins, leerkracht groep 4",
        "Lotte",
        "Herfst op tafel",
        "Groep 4",
        "vrijdag 20 november 2026",
    ):
        assert said in copy
    assert (entry.subject_kind, entry.subject_uid, entry.reason) == ("reply", reply.uid, REASON)
    assert dossier.first_broken(town.school.uid) is None


def test_the_copy_needs_nothing_from_elsewhere(town: Any, reply: Any) -> None:
    copy = copy_of(removed(town, reply))
    assert [word for word in ("<script", "src=", "href=", "url(", "@import", "http:") if word in copy] == []


def test_what_somebody_wrote_stays_text_in_the_copy(town: Any, place: Any) -> None:
    """The reason, the names and every version are escaped; the sheet of the copy runs nothing."""
    post = place(title="<script>alert(1)</script>", text="<img src=x onerror=alert(2)>")
    entry = remove_written(written=post, reason="<b>om</b>", by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    copy = copy_of(entry)
    assert [bad for bad in ("<script>alert", "<img src=x", "<b>om</b>") if bad in copy] == []
    assert "&lt;b&gt;om&lt;/b&gt;" in copy


def test_photos_are_in_the_copy_byte_for_byte(town: Any, photos: Any) -> None:
    [image] = photos(1)
    copy = copy_of(removed(town, Post.objects.get()))
    stored = storage.read(image.key, "webp", 1600)
    assert f'src="data:image/webp;base64,{base64.b64encode(stored).decode()}"' in copy
    sealed = unpack(dossier.read(DossierEntry.objects.get()) or b"")
    assert (sealed.document.photos[0].sha256, sealed.photos) == (image.sha256, {image.sha256: stored})


def test_the_replies_under_a_removed_post_are_in_its_copy_and_gone_with_it(town: Any, reply: Any) -> None:
    copy = copy_of(removed(town, reply.post))
    assert "Wat een onzin." in copy
    assert not Reply.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, NOW)).exists()


@pytest.mark.parametrize(
    ("by", "allowed"), [("Anna", True), ("Petra", True), ("Karima", False), ("Joost", False), ("Harm", False)]
)
def test_the_groups_administrators_and_the_directie_remove(town: Any, reply: Any, by: str, allowed: bool) -> None:
    for written in (reply, reply.post):
        assert removal.can_remove(Actor(town.user[by], Hat.ANY, NOW), written) is allowed
        if not allowed:
            with pytest.raises(PermissionDenied):
                removed(town, written, by)
    assert DossierEntry.objects.count() == 0


def test_nobody_removes_in_the_family_hat(town: Any, reply: Any) -> None:
    with pytest.raises(PermissionDenied):
        removed(town, reply, hat=Hat.FAMILY)


def test_removing_twice_makes_one_entry(town: Any, reply: Any) -> None:
    entry = removed(town, reply)
    with pytest.raises(AlreadyRemovedError) as first:
        removed(town, reply, "Petra")
    assert first.value.entry == entry
    assert DossierEntry.objects.count() == 1


def test_twins_are_removed_each_with_its_own_entry(town: Any, place: Any) -> None:
    place("Petra", "g4", "g7")
    entries = [removed(town, post, "Petra") for post in Post.objects.order_by("pk")]
    assert [entry.subject_uid for entry in entries] == [post.uid for post in Post.objects.order_by("pk")]
    assert "Groep 7" in copy_of(entries[0])


def test_one_twin_alone_leaves_the_other(town: Any, place: Any) -> None:
    post = place("Petra", "g4", "g7")
    removed(town, post)
    assert list(Post.objects.visible_to(Actor(town.user["Karima"], Hat.ANY, NOW))) == [
        Post.objects.get(group=town.group["g7"])
    ]


# Moved meanwhile


def test_what_was_edited_meanwhile_is_copied_again(town: Any, reply: Any, monkeypatch: Any) -> None:
    edits = iter(["Onzin!"])
    _meanwhile(monkeypatch, lambda: _edit(reply, next(edits, None)))
    entry = removed(town, reply)
    assert "Onzin!" in copy_of(entry)
    assert DossierEntry.objects.count() == 1


def test_a_reply_that_came_meanwhile_is_in_the_copy(town: Any, place: Any, monkeypatch: Any) -> None:
    post, words = place(), iter(["Helemaal mee eens."])

    def answer() -> None:
        for text in words:
            publish_reply(post=post, text=text, by=Actor(town.user["Lotte"], Hat.FAMILY, NOW))

    _meanwhile(monkeypatch, answer)
    assert "Helemaal mee eens." in copy_of(removed(town, post))


def test_what_moves_every_time_is_not_removed(town: Any, reply: Any, monkeypatch: Any) -> None:
    numbers = iter(range(99))
    _meanwhile(monkeypatch, lambda: _edit(reply, f"Onzin {next(numbers)}"))
    with pytest.raises(MovedTooOftenError):
        removed(town, reply)
    reply.refresh_from_db()
    assert (reply.state, DossierEntry.objects.count(), next(numbers)) == (WritingState.PUBLISHED, 0, 3)


def test_hidden_meanwhile_is_copied_as_hidden(town: Any, reply: Any, monkeypatch: Any) -> None:
    hides = iter([1])

    def hide() -> None:
        for _ in hides:
            removal_hides(reply, town.user["Petra"])

    _meanwhile(monkeypatch, hide)
    assert "Verborgen" in copy_of(removed(town, reply))


def removal_hides(reply: Reply, by: Any) -> None:
    from messaging.writings.services.written import hide_written  # noqa: PLC0415

    hide_written(written=reply, by=Actor(by, Hat.STAFF, NOW))


def _meanwhile(monkeypatch: Any, happens: Any) -> None:
    """Between the making of the copy and the removal."""
    prepare = hard_copy.prepare

    def prepared(*args: Any, **named: Any) -> Any:
        made = prepare(*args, **named)
        happens()
        return made

    monkeypatch.setattr(removal, "prepare", prepared)


def _edit(reply: Reply, text: str | None) -> None:
    if text:
        current = Reply.objects.get(pk=reply.pk)
        edit_words(written=current, version=current.version, text=text, by=Actor(current.author, Hat.FAMILY, NOW))


# No copy, no removal


def test_without_the_bytes_of_a_photo_nothing_is_removed(town: Any, photos: Any) -> None:
    [image] = photos(1)
    storage.forget(image.key)
    post = Post.objects.get()
    with pytest.raises(CopyFailedError):
        removed(town, post)
    post.refresh_from_db()
    assert (post.state, post.title, DossierEntry.objects.count()) == (WritingState.PUBLISHED, "Herfst op tafel", 0)


@pytest.mark.parametrize("table", ["core_dossierentry", "core_dossierpayload", "core_auditevent"])
def test_when_the_dossier_or_the_trail_refuses_nothing_is_removed(town: Any, reply: Any, table: str) -> None:
    """DR26: a guarded act whose record cannot be written is refused."""
    with Refusing(table), pytest.raises(CopyFailedError):
        removed(town, reply)
    reply.refresh_from_db()
    assert (reply.state, reply.text) == (WritingState.PUBLISHED, "Wat een onzin.")
    assert DossierEntry.objects.count() + DossierPayload.objects.count() == 0


class Refusing:
    """A trigger that refuses every row of this table."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        if connection.vendor == "postgresql":
            self._run(
                "CREATE FUNCTION test_full() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END $$",
                f"CREATE TRIGGER test_full BEFORE INSERT ON {self.table} FOR EACH ROW EXECUTE FUNCTION test_full()",
            )
        else:
            self._run(
                f"CREATE TRIGGER test_full BEFORE INSERT ON {self.table} BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )

    def __exit__(self, *_: Any) -> None:
        on_table = f" ON {self.table}" if connection.vendor == "postgresql" else ""
        self._run(f"DROP TRIGGER test_full{on_table}")
        if connection.vendor == "postgresql":
            self._run("DROP FUNCTION test_full")

    def _run(self, *statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.mark.parametrize(
    "values",
    [
        "state = 'removed', text = '', html = '', removed_at = published_at",
        "state = 'removed', text = '', html = '', dossier_entry_id = %s",
        "state = 'removed', html = '', removed_at = published_at, dossier_entry_id = %s",
        "state = 'removed', text = '', removed_at = published_at, dossier_entry_id = %s",
    ],
)
def test_the_database_refuses_half_a_removal(town: Any, reply: Any, values: str) -> None:
    other = publish_reply(post=reply.post, text="Ook iets.", by=Actor(town.user["Lotte"], Hat.FAMILY, NOW))
    entry = removed(town, other)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE messaging_writing SET {values} WHERE id = {reply.pk}",  # noqa: S608
            [entry.pk] * values.count("%s"),
        )


# Photos


def test_a_removed_photo_is_gone_for_everybody_and_in_the_dossier(town: Any, photos: Any, browser_of: Any) -> None:
    images = photos(2)
    placement = Placement.objects.get(image=images[0])
    entry = remove_photo(placement=placement, reason=REASON, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert images[0].sha256 in copy_of(entry)
    assert images[1].sha256 not in copy_of(entry)
    for name in ("Karima", "Anna", "Petra"):
        client = browser_of(name)
        assert [client.get(f"/foto/{one.uid}/1600").status_code for one in images] == [404, 200]


def test_its_writer_cannot_put_a_removed_photo_back(town: Any, photos: Any) -> None:
    from messaging.photos.services.gate import PicturesRefusedError  # noqa: PLC0415
    from messaging.photos.services.placements import pictures_of  # noqa: PLC0415

    photos(2)
    post = Post.objects.get()
    before = pictures_of(post)
    placement = Placement.objects.order_by("position").first()
    assert placement
    remove_photo(placement=placement, reason=REASON, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    fields = {"topic": "update", "title": "Anders", "text": "Anders.", "replies": "on"}
    asked: dict[str, Any] = {"by": Actor(town.user["Anna"], Hat.STAFF, NOW), "declared": True}
    with pytest.raises(PicturesRefusedError):
        edit_post(post=post, version=1, pictures=before, **fields, **asked)
    edit_post(post=post, version=1, pictures=before[1:], **fields, **asked)
    placement.refresh_from_db()
    assert placement.removed_at == NOW


def test_a_photo_that_was_removed_from_one_group_stays_in_the_message_of_the_other(town: Any, photos: Any) -> None:
    from messaging.photos.services.placements import pictures_of  # noqa: PLC0415

    photos(2, "g7", "g4", by="Petra")
    of_seven, of_four = (Post.objects.get(group=town.group[key]) for key in ("g7", "g4"))
    gone = Placement.objects.filter(writing=of_seven).order_by("position").first()
    assert gone
    remove_photo(placement=gone, reason=REASON, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    asked: dict[str, Any] = {"by": Actor(town.user["Petra"], Hat.STAFF, NOW), "declared": True}
    fields = {"topic": "update", "title": "Anders", "text": "Anders.", "replies": "on"}
    edit_post(post=of_four, version=1, pictures=pictures_of(of_four)[::-1], **fields, **asked)
    assert len(pictures_of(of_four)) == 2


# Taken back while under report


def test_what_its_writer_takes_back_under_report_is_kept_in_the_dossier(town: Any, reply: Any) -> None:
    note_report(written=reply, now=NOW)
    retract_written(written=reply, by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
    reply.refresh_from_db()
    assert (reply.state, reply.retracted_at, reply.text) == (WritingState.REMOVED, NOW, "")
    copy = copy_of(reply.dossier_entry)
    assert "Wat een onzin." in copy
    assert "Karima Bouzid, die het schreef" in copy
    assert not Reply.objects.met_by(Actor(town.user["Karima"], Hat.ANY, NOW)).exists()


def test_without_a_report_taking_back_is_no_removal(town: Any, reply: Any) -> None:
    note_report(written=reply, now=NOW)
    clear_report(written=reply)
    retract_written(written=reply, by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
    reply.refresh_from_db()
    assert (reply.state, reply.text, DossierEntry.objects.count()) == (WritingState.RETRACTED, "Wat een onzin.", 0)


def test_of_twins_the_reported_one_goes_into_the_dossier(town: Any, place: Any) -> None:
    post = place("Petra", "g4", "g7")
    note_report(written=post, now=NOW)
    retract_post(post=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW), together=True)
    assert list(Post.objects.order_by("pk").values_list("state", flat=True)) == ["removed", "retracted"]


def test_a_report_is_noted_once_and_cleared(reply: Any) -> None:
    note_report(written=reply, now=NOW)
    note_report(written=reply, now=later(hours=1))
    reply.refresh_from_db()
    assert (reply.reported_at, reply.version) == (NOW, 1)
    clear_report(written=reply)
    clear_report(written=reply)
    reply.refresh_from_db()
    assert reply.reported_at is None


def test_the_trail_says_what_happened_without_a_word_of_it(town: Any, reply: Any) -> None:
    entry = removed(town, reply)
    rows = AuditEvent.objects.filter(at=later(minutes=5)).order_by("pk").values_list("verb", "facts")
    assert list(rows) == [("dossier.removal", {"number": 1}), ("reply.removed", {"entry": entry.number})]


def test_many_replies_are_removed_each_with_its_entry(
    town: Any, place: Any, django_assert_max_num_queries: Any
) -> None:
    post = place()
    replies = [
        publish_reply(post=post, text=f"Rommel {number}", by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
        for number in range(3)
    ]
    with django_assert_max_num_queries(3 * 40):
        for reply in replies:
            removed(town, reply)
    assert DossierEntry.objects.count() == Reply.objects.filter(state="removed", text="").count() == 3
    assert dossier.first_broken(town.school.uid) is None
