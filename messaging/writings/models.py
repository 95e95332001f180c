"""What people write: posts, replies and messages in one table, their versions, and who has had them on the screen."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.models import HATS, Group, School
from groups.roles import Hat
from groups.told.domain.kinds import ToldWords
from messaging.writings.domain.cursor import at_reply
from messaging.writings.domain.kinds import ActWords, KindWords
from messaging.writings.domain.text import BRING_LIMIT, COST_LIMIT, LINES_LIMIT, TEXT_LIMIT, TITLE_LIMIT, VENUE_LIMIT
from messaging.writings.querysets.kinds import KindQuerySet
from messaging.writings.querysets.messages import MessageQuerySet
from messaging.writings.querysets.posts import PostQuerySet, ReplyQuerySet
from messaging.writings.querysets.seen import SeenQuerySet
from portal.core.addresses import address
from portal.core.models import DossierEntry
from portal.core.taking import TakenAway

if TYPE_CHECKING:
    from messaging.talks.models import Thread


class WritingKind(models.TextChoices):
    """A post on a group's page, a reply under one, or a message in a conversation."""

    POST = "post", _("A message")
    REPLY = "reply", _("A reply")
    MESSAGE = "message", _("A message in a conversation")


class Topic(models.TextChoices):
    """What a post is about (POL-20)."""

    UPDATE = "update", _("What we did")
    LESSON = "lesson", _("What we learn")
    ACTIVITY = "activity", _("Activity")
    NOTICE = "notice", _("Notice")


class Replies(models.TextChoices):
    """Who reads a reply: everybody in the group, only the staff of the group, or nobody because replying is off."""

    ON = "on", _("Yes, everybody reads along")
    STAFF = "staff", _("Yes, only staff read the replies")
    OFF = "off", _("No")


class AskKind(models.TextChoices):
    """What a post asks: nothing, something to bring or do, a yes or no, a choice, who helps, who comes (POL-20, 28)."""

    NOTHING = "", _("Nothing")
    DO = "do", _("To bring or do something")
    YES_NO = "yes_no", _("A yes or a no")
    YES_NO_MAYBE = "yes_no_maybe", _("A yes, a no or a maybe")
    CHOOSE = "choose", _("To choose something")
    HELP = "help", _("Who helps")
    COME = "come", _("Who comes")


class WritingState(models.TextChoices):
    """Where it is on its way. Only a post is ever handed in."""

    SUBMITTED = "submitted", _("handed in")
    PUBLISHED = "published", _("placed")
    HIDDEN = "hidden", _("hidden")
    RETRACTED = "retracted", _("taken back")
    REMOVED = "removed", _("removed")


STANDING = ("may_edit", "may_retract", "may_hide", "may_show", "may_remove")
"""What can be done with a text that stands on the page of a group."""


def _of_kind(rows: type[models.QuerySet]) -> models.Manager:
    """Finds what is of the kind of its model, and nothing else."""

    class OfKind(models.Manager.from_queryset(rows)):  # type: ignore[misc]
        def get_queryset(self) -> models.QuerySet:
            return super().get_queryset().filter(kind=self.model.of_kind)

    return OfKind()


class AskColumns(models.Model):
    """What a post asks, in its row and in each of its versions alike.

    `ask`: of which kind; it is about the school's day `ask_on`, and is answered until the end of `answer_by`, or until
    `answer_at` of that day. `bring` and `cost` say in a few words what comes along and what it costs. Of a choice
    `options` has one on each line, of which one is taken, or more where it `takes_more`; `is_anonymous`: each adult
    votes, and nobody knows what. `tasks` has what there is to help with, one on each line. Who comes, comes to
    a `venue` where it `begins_at` an hour and there is room for `capacity` people, or for all. `is_essential`: it asks
    of every family to read it.
    """

    ask = models.CharField(max_length=12, choices=AskKind.choices, blank=True)
    ask_on = models.DateField(null=True)
    answer_by = models.DateField(null=True)
    bring = models.CharField(max_length=BRING_LIMIT, blank=True, default="", db_default="")
    cost = models.CharField(max_length=COST_LIMIT, blank=True, default="", db_default="")
    options = models.TextField(max_length=LINES_LIMIT, blank=True, default="", db_default="")
    takes_more = models.BooleanField(default=False, db_default=False)
    is_anonymous = models.BooleanField(default=False, db_default=False)
    tasks = models.TextField(max_length=LINES_LIMIT, blank=True, default="", db_default="")
    answer_at = models.TimeField(null=True)
    venue = models.CharField(max_length=VENUE_LIMIT, blank=True, default="", db_default="")
    begins_at = models.TimeField(null=True)
    capacity = models.PositiveSmallIntegerField(null=True)
    is_essential = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True


class Writing(AskColumns):
    """What a person wrote, in which hat, under which name and function (POL-15); `html` is made when written.

    One table for every kind. A row comes back as what it is: a `Post`, a `Reply` or a `Message`, which are asked for
    by their own names; whoever keeps something about a text, whichever kind it is, points here. Removed, its words are
    in the dossier and in its versions only: the row itself says nothing any more. `reported_at`: somebody reported it
    and the case is open; what its writer takes back then is kept in the dossier.

    A post has a `group`, a `topic`, a `title`, who may reply (`replies`) and, where it was written to several groups,
    one `written_together`; a reply has the `post` it answers, and `to_staff`; a message has a `thread`.

    A post may ask something (`AskColumns`). At `asked_anew_at` it came to ask something else, or about another day,
    and answers to before are gone; or every family had to read it from then on. `hidden_first_at` and `shown_again_at`:
    from when until when mail missed it, so that the next one has it yet (`hidden_from`).

    A kind says of itself what others ask: how it is called in an address and in `words`, which `powers` its queryset
    annotates, what it is `fetched_with`, whether it `holds_photos`, and its page. So whoever reports, handles, seals or
    tells of a text needs no list of kinds.
    """

    of_kind: ClassVar[str] = ""
    in_addresses: ClassVar[str] = ""
    words: ClassVar[KindWords]
    powers: ClassVar[tuple[str, ...]] = ()
    fetched_with: ClassVar[tuple[str, ...]] = ()
    holds_photos: ClassVar[bool] = False
    is_planned: ClassVar[bool] = False
    """Whether it may have a moment still to come."""
    kinds: ClassVar[dict[str, type["Writing"]]] = {}

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=7, choices=WritingKind.choices)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="writings")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=WritingState.choices, default=WritingState.PUBLISHED)
    hat = models.CharField(max_length=10, choices=HATS)
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=TEXT_LIMIT)
    html = models.TextField()
    language = models.CharField(max_length=5, default="nl")
    version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    editable_until = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    hidden_first_at = models.DateTimeField(null=True)
    shown_again_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    dossier_entry = models.ForeignKey(DossierEntry, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True)
    group = models.ForeignKey(Group, null=True, db_index=False, on_delete=models.PROTECT, related_name="posts")
    topic = models.CharField(max_length=12, choices=Topic.choices, blank=True)
    title = models.CharField(max_length=TITLE_LIMIT, blank=True)
    replies = models.CharField(max_length=6, choices=Replies.choices, blank=True)
    written_together = models.UUIDField(null=True)
    asked_anew_at = models.DateTimeField(null=True)
    post = models.ForeignKey("self", null=True, db_index=False, on_delete=models.PROTECT, related_name="reply_set")
    to_staff = models.BooleanField(default=False)
    thread = models.ForeignKey(
        "messaging.Thread", null=True, db_index=False, on_delete=models.PROTECT, related_name="messages"
    )

    takes_away = TakenAway(
        states={"state": ("hidden", "retracted", "removed")},
        keeps=("hidden_at", "hidden_by", "retracted_at", "removed_at", "dossier_entry"),
        replaced={"text": "", "title": "", "bring": "", "cost": "", "options": "", "tasks": "", "venue": ""},
    )
    objects = models.Manager["Writing"]()
    same_school = ("group", "post", "thread")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True)
                | Q(hidden_at__isnull=False, hidden_by__isnull=False),
                name="messaging_writing_hidden_at_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="hidden") | Q(hidden_at__isnull=False), name="messaging_writing_hidden_since"
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(dossier_entry__isnull=False, removed_at__isnull=False),
                name="messaging_writing_removal_needs_a_dossier",
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(text="", html="", title=""), name="messaging_writing_removed_is_empty"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="messaging_writing_published_since",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(kind="post", published_at__isnull=True),
                name="messaging_writing_handed_in_unplaced",
            ),
            models.CheckConstraint(
                condition=Q(kind="post", group__isnull=False, post=None, thread=None) & ~Q(topic="") & ~Q(replies="")
                | Q(kind="reply", group=None, post__isnull=False, thread=None, topic="", title="", replies="")
                | Q(kind="message", group=None, post=None, thread__isnull=False, topic="", title="", replies=""),
                name="messaging_writing_in_its_place",
            ),
            models.CheckConstraint(
                condition=Q(kind="post") | Q(written_together=None), name="messaging_writing_posts_together"
            ),
            models.CheckConstraint(
                condition=Q(ask="", ask_on=None, answer_by=None)
                | Q(kind="post", ask="do", ask_on__isnull=False, answer_by=None)
                | Q(kind="post", ask_on__isnull=False, answer_by__lte=F("ask_on")) & ~Q(ask__in=["", "do"]),
                name="messaging_writing_ask_has_its_days",
            ),
            models.CheckConstraint(
                condition=Q(kind="reply") | Q(to_staff=False), name="messaging_writing_replies_to_staff"
            ),
        ]
        indexes = [
            models.Index(
                fields=["group", "-published_at", "-id"],
                condition=Q(group__isnull=False),
                name="messaging_post_of_group",
            ),
            models.Index(fields=["school", "kind", "-published_at", "-id", "state"], name="messaging_writing_of_kind"),
            models.Index(
                fields=["school", "shown_again_at"],
                condition=Q(shown_again_at__isnull=False),
                name="messaging_writing_shown_again",
            ),
            models.Index(fields=["author", "-published_at"], name="messaging_writing_of_author"),
            models.Index(fields=["school"], condition=Q(state="hidden"), name="messaging_writing_hidden"),
            models.Index(
                fields=["written_together"],
                condition=Q(written_together__isnull=False),
                name="messaging_post_together",
            ),
            models.Index(fields=["published_at"], condition=Q(is_essential=True), name="messaging_post_essential"),
            models.Index(fields=["group", "ask_on"], condition=~Q(ask=""), name="messaging_post_on_the_board"),
            models.Index(
                fields=["post", "published_at"], condition=Q(post__isnull=False), name="messaging_reply_of_post"
            ),
            models.Index(
                fields=["thread", "-published_at", "-id"],
                condition=Q(thread__isnull=False),
                name="messaging_message_of_thread",
            ),
        ]

    def __init_subclass__(cls, **facts: Any) -> None:
        super().__init_subclass__(**facts)
        cls.kinds[cls.of_kind] = cls

    def __init__(self, *columns: Any, **fields: Any) -> None:
        if not columns and self.of_kind:
            fields.setdefault("kind", self.of_kind)
        super().__init__(*columns, **fields)

    def __str__(self) -> str:
        return str(self.uid)

    @classmethod
    def rows(cls) -> KindQuerySet:
        """All of this kind, asked by its own rules, for who has any kind in hand."""
        return cast(KindQuerySet, cls.objects.all())

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any) -> Self:
        """The row as what it is, wherever it was fetched from."""
        of_kind: Any = cls
        if not cls.of_kind and "kind" in field_names:
            of_kind = cls.kinds[dict(zip(field_names, values, strict=False))["kind"]]
        row: Self = super(Writing, of_kind).from_db(db, field_names, values, **how)
        return row

    @property
    def together_key(self) -> uuid.UUID:
        """The same for all that was written together."""
        return self.written_together or self.uid

    @property
    def placed_at(self) -> datetime:
        """When it got its place on a page; what is handed in has none."""
        if self.published_at is None:
            raise ValueError("not placed yet")
        return self.published_at

    @property
    def asks_since(self) -> datetime:
        """Since when it asks what it asks: its moment, or when it came to ask something else after that."""
        return max(self.placed_at, self.asked_anew_at or self.placed_at)

    @property
    def on_page_of(self) -> "Writing | None":
        """The text on whose page it stands: itself, or the one it answers; None in a conversation."""
        return None if self.thread_id else self.post or self

    @property
    def is_hideable(self) -> bool:
        """Whether anybody may hide one of its kind: what was said in a conversation stays or goes (POL-61)."""
        return "may_hide" in self.powers

    def page_in(self, hat: Hat | str) -> str:
        """Where it stands, for who wears this hat; whether he may open that page is not asked here."""
        raise NotImplementedError

    @property
    def byline(self) -> str:
        """As whom it was written, in one line (POL-07, 15): "juf Anna, leerkracht groep 4", "Femke (namens de MR)"."""
        written = self.author_name
        if self.author_function:
            pattern = "%s (%s)" if self.hat == Hat.FAMILY else "%s, %s"
            written = pattern % (self.author_name, self.author_function)
        return " ".join(written.split())

    @property
    def is_hidden(self) -> bool:
        return self.state == WritingState.HIDDEN

    @property
    def is_held(self) -> bool:
        """Taken away before its moment: nobody has read it."""
        return self.is_planned and self.is_hidden and self.hidden_at is not None and self.hidden_at < self.placed_at

    def begins_when_shown(self, now: datetime) -> bool:
        """Held until somebody looked at it, or past its moment meanwhile: shown, it is there for the first time."""
        return self.is_held and (self.hidden_by_id == self.author_id or self.placed_at < now)

    @property
    def is_removed(self) -> bool:
        return self.state == WritingState.REMOVED


class Post(Writing):
    """A message on one group's page. Writing to three groups makes three posts with one `written_together`."""

    of_kind = WritingKind.POST
    in_addresses = "bericht"
    words = KindWords(
        name=_("Message"),
        counted=_("1 message"),
        question=_("Remove this message?"),
        sealed=_("A message that was removed"),
        own=ToldWords(_("Your message of %(day)s"), pgettext_lazy("to staff", "Your message of %(day)s")),
        trail=_("a message"),
        done={
            "published": _("placed a message"),
            "edited": _("changed a message"),
            "hidden": _("hid a message"),
            "held": _("a planned message waits, as who wrote it is not in that group any more"),
            "spared": _("a planned message waits, as a child in it may not be named any more"),
            "shown": _("showed a message again"),
            "retracted": _("took a message back"),
            "removed": _("removed a message, with a copy in the dossier"),
        },
        asks={
            "hide": ActWords(
                _("Hide this message?"),
                _("The writer sees that. After five days it waits on your desk."),
                _("Hidden. Parents do not read this any more."),
            ),
            "show": ActWords(
                _("Show this message again?"),
                _("Everybody in the group reads it again."),
                _("Everybody in the group reads this again."),
            ),
            "place": ActWords(
                _("Place this message now?"),
                _("It is there at once, for everybody in the group."),
                _("Placed."),
            ),
            "retract": ActWords(
                _("Take this message away?"),
                _("You cannot undo this."),
                _("The message has been taken away."),
            ),
        },
    )
    powers = (*STANDING, "may_reply", "may_count", "answers_all")
    fetched_with = ("group",)
    holds_photos = True
    is_planned = True
    group: Group
    group_id: int
    has_asked: bool

    objects: ClassVar[PostQuerySet] = _of_kind(PostQuerySet)

    class Meta:
        proxy = True

    def page_in(self, hat: Hat | str) -> str:
        return address("messaging:post", hat, self.uid)


class Reply(Writing):
    """An answer under a post. `to_staff` is fixed when written: what was said to the teacher stays with the teacher."""

    of_kind = WritingKind.REPLY
    in_addresses = "reactie"
    words = KindWords(
        name=_("Reply"),
        counted=_("1 reply"),
        question=_("Remove this reply?"),
        sealed=_("A reply that was removed"),
        own=ToldWords(_("Your reply of %(day)s"), pgettext_lazy("to staff", "Your reply of %(day)s")),
        trail=_("a reply"),
        done={
            "published": _("wrote a reply"),
            "edited": _("changed a reply"),
            "hidden": _("hid a reply"),
            "shown": _("showed a reply again"),
            "retracted": _("took a reply back"),
            "removed": _("removed a reply, with a copy in the dossier"),
        },
        asks={
            "hide": ActWords(
                _("Hide this reply?"),
                _("Only the writer and who runs the group see it. After five days it waits on your desk."),
                _("The reply is hidden."),
            ),
            "show": ActWords(
                _("Show this reply again?"),
                _("Who could read it before reads it again."),
                _("The reply can be read again."),
            ),
            "retract": ActWords(
                _("Take this reply away?"),
                _("You cannot undo this."),
                _("The reply has been taken away."),
            ),
        },
    )
    powers = STANDING
    fetched_with = ("post__group",)
    post: Post
    post_id: int

    objects: ClassVar[ReplyQuerySet] = _of_kind(ReplyQuerySet)

    class Meta:
        proxy = True
        verbose_name_plural = "replies"

    def page_in(self, hat: Hat | str) -> str:
        return self.post.page_in(hat) + at_reply(self.uid)


class Message(Writing):
    """What somebody said in a conversation."""

    of_kind = WritingKind.MESSAGE
    in_addresses = "gesprek"
    words = KindWords(
        name=_("Message in a conversation"),
        counted=_("1 message"),
        question=_("Remove this message?"),
        sealed=_("A message that was removed"),
        own=ToldWords(
            _("What you wrote in a conversation on %(day)s"),
            pgettext_lazy("to staff", "What you wrote in a conversation on %(day)s"),
        ),
    )
    powers = ("may_edit", "may_retract", "may_remove")
    fetched_with = ("thread__child",)
    holds_photos = True
    thread: "Thread"
    thread_id: int
    photos_placed: int

    objects: ClassVar[MessageQuerySet] = _of_kind(MessageQuerySet)

    class Meta:
        proxy = True

    def page_in(self, hat: Hat | str) -> str:
        return f"{address('messaging:thread', hat, self.thread.uid)}#bericht-{self.uid}"


class WritingVersion(AskColumns):
    """The words as they were: any mail that went out can be shown again. Append-only; of what was removed they go with
    its hard copy, when two people destroy that.

    `topic`, `title`, `replies` and what is asked are those of a post; of a reply or a message they are empty.
    """

    append_only = True
    certified = "writing"

    writing = models.ForeignKey(Writing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    topic = models.CharField(max_length=12, blank=True)
    title = models.CharField(max_length=TITLE_LIMIT, blank=True)
    text = models.TextField()
    replies = models.CharField(max_length=6, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writing", "number"], name="messaging_writingversion_once")]

    def __str__(self) -> str:
        return f"{self.writing_id} v{self.number}"


class Seen(models.Model):
    """This user has had this on the screen; the first time only, or the first since it asks otherwise (`standing`).

    A message of a conversation is read in a `hat`, for its writer's side to know; a post in whichever, so it says none.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    writing = models.ForeignKey(Writing, on_delete=models.CASCADE, related_name="seen_by")
    hat = models.CharField(max_length=10, choices=HATS, blank=True)
    seen_at = models.DateTimeField()

    objects: ClassVar[SeenQuerySet] = SeenQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "seen"
        constraints = [models.UniqueConstraint(fields=["user", "writing"], name="messaging_seen_first_time_only")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.writing_id}"
