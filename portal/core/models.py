"""The floor's own rows: people who log in, what they sent, what happened, what has to go out."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.core import access
from portal.core.domain import chain
from portal.core.domain.addresses import fold_address
from portal.core.querysets import OutboxQuerySet, PushDeviceQuerySet
from portal.core.taking import TakenAway


class UserManager(BaseUserManager["User"]):
    """Users by their case-folded e-mail address; accounts are made by services only."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return fold_address(email or "")

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=fold_address(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=fold_address(email), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who came in. What a user may see hangs on roster records, never on this row."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="nl")
    is_active = models.BooleanField(default=True)
    needs_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    passkey_offered_at = models.DateTimeField(null=True)

    takes_away = TakenAway(
        flags={"is_active": False, "needs_second_factor": True},
        replaced={"email": "{0.uid}@nobody.invalid", "password": "!"},
        gone=True,
    )
    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="core_user_one_per_address")]

    def __str__(self) -> str:
        return str(self.uid)

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Rights exist on objects only, and a superuser has none of his own (security.md 4)."""
        return self.is_active and access.Backend().has_perm(self, perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return False


def user_display(user: User) -> str:
    """How allauth names somebody on a page: the name, or the address when no record gave one yet."""
    return user.name or user.email


class AuditEvent(models.Model):
    """Something that happened: who, what, when, at which school. Append-only; ids only, no names, no content."""

    append_only = True

    at = models.DateTimeField()
    actor_uid = models.UUIDField(null=True)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField(null=True)
    school_uid = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_uid", "at"], name="core_audit_subject"),
            models.Index(fields=["school_uid", "at"], name="core_audit_school"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_uid}"


class Submission(models.Model):
    """A form that was sent once: double click, retry and back button are answered with the first result.

    `said` tells what it held from other words in the same form: a digest, nothing that can be read.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()
    created_at = models.DateTimeField()
    said = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_submission_once")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_uid}"


class OutboxState(models.TextChoices):
    PENDING = "pending", _("waiting")
    CLAIMED = "claimed", _("being made")
    SENDING = "sending", _("on its way")
    ACCEPTED = "accepted", _("sent")
    WITHHELD = "withheld", _("not needed any more")
    FAILED = "failed", _("failed")
    UNCERTAIN = "uncertain", _("perhaps sent")
    HELD = "held", _("waits until somebody looked, after a restore")


IDENTITY = ("uid", "kind", "recipient", "device", "subject_kind", "subject_uid", "school_uid", "dedupe_key", "due_at")
"""What a row of the outbox is about; no address."""


class OutboxItem(models.Model):
    """One message that has to reach one person; written in the transaction of what caused it. No body is stored.

    `claim` is the worker that holds it, `attempts` how often what goes out was asked for, `tries` how often the row
    itself gave trouble; `failing_since` while the mail server is away; `was_uncertain` once it was sent without an
    answer. `uid` names the row where people may see it: in the mail's Message-ID, in the log. `address`, where there is
    one, goes before the recipient's present one. After `expires_at` it is not sent any more; on the fast lane each row
    has such an end.
    `device` is the phone it goes to instead of the mailbox; it may be forgotten before.
    """

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    recipient = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(max_length=254, blank=True)
    device = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()
    school_uid = models.UUIDField(null=True)
    dedupe_key = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=OutboxState.choices, default=OutboxState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    was_uncertain = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    takes_away = TakenAway(  # what was sent is not sent again, from an older database neither
        states={"state": ("withheld", "uncertain", "accepted")},
        keeps=("settled_at", *IDENTITY),
    )
    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | ~models.Q(address=""),
                name="core_outbox_has_somewhere_to_go",
            ),
            models.UniqueConstraint(fields=["dedupe_key"], name="core_outbox_once"),
        ]
        # Each mail changes its state three times, and each index would follow: these two and no more.
        indexes = [models.Index(fields=["state", "kind", "due_at", "id"], name="core_outbox_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class PushDevice(models.Model):
    """A phone, tablet or computer on which somebody is told something at once; no longer than `session_key` lives.

    `endpoint` is an address at the push service of its browser, `p256dh` and `auth` seal what goes there. `uid` names
    it in rows of the outbox. Whoever else turns it on at the same browser takes it. Written by `portal.core.phones`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phones")
    session_key = models.CharField(max_length=40, db_index=True)
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    kept_at = models.DateTimeField()

    takes_away = TakenAway(gone=True)
    objects: ClassVar[PushDeviceQuerySet] = PushDeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uid)


class DecodingTurn(models.Model):
    """Somebody whose picture is being decoded, at one of the places there are for that; free again after `until`.

    Written by `portal.core.media.turns` only.
    """

    place = models.PositiveSmallIntegerField(unique=True)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    token = models.UUIDField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"place {self.place}"


class DossierKind(models.TextChoices):
    REMOVAL = "removal", _("hard copy of something removed")
    CERTIFICATE = "certificate", _("certificate of destruction")
    KEYED = "keyed", _("from here on sealed with a key")


class DossierEntry(models.Model):
    """A link in a school's dossier (POL-62): what was sealed, why, by whom. Append-only; the chain covers every field.

    `subject` is what it is a copy of; a certificate names the entry whose copy was destroyed. `payload_digest` is the
    SHA-256 of the copy, empty where there is none. Numbers count per school from 1; `previous` is the hash of the
    entry before. `algorithm` says how it was sealed: see `portal.core.domain.chain`. A `keyed` entry closes what was
    sealed before there was a key. Written by `portal.core.dossier` only.
    """

    append_only = True
    takes_away = TakenAway(made={}, keeps=("hash", "kind", "subject_kind"))  # each seal goes with a removal

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school_uid = models.UUIDField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=DossierKind.choices)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()
    reason = models.TextField()
    payload_digest = models.CharField(max_length=64, blank=True)
    sealed_by_uid = models.UUIDField()
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    algorithm = models.PositiveSmallIntegerField(default=chain.PLAIN)

    class Meta:
        verbose_name_plural = "dossier entries"
        constraints = [
            models.UniqueConstraint(fields=["school_uid", "number"], name="core_dossier_one_per_number"),
            models.UniqueConstraint(fields=["school_uid", "previous"], name="core_dossier_one_chain"),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_uid"], name="core_dossier_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class DossierPayload(models.Model):
    """The copy: words and photos in one row of bytes. Never changed; destroyed only with a certificate."""

    append_only = True
    certified = "entry"

    entry = models.OneToOneField(DossierEntry, on_delete=models.PROTECT, related_name="payload")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"copy of {self.entry_id}"


class TakenTries(models.Model):
    """How often something was tried under one key, until `ends_at`. The key is a keyed hash: it names nobody.

    Written by `portal.core.tries` only.
    """

    action = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    taken = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "taken tries"
        constraints = [models.UniqueConstraint(fields=["action", "key"], name="core_tries_one_count")]

    def __str__(self) -> str:
        return f"{self.action} {self.taken}"


class CodePurpose(models.TextChoices):
    SIGN_IN = "sign_in", "sign in"
    PASSWORD = "password", "new password"
    ADDRESS = "address", "new address"


class Code(models.Model):
    """A code that was asked for by mail. `uid` is the handle that pages keep; the digits stand in the mail only.

    They are a keyed hash of the handle (`portal.core.codes`), so the row keeps nothing of them, and the same mail sent
    twice carries the same ones. Without `user` the code opens nothing: an address that nobody knows was typed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=10, choices=CodePurpose.choices)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    is_long = models.BooleanField(default=False)
    tries_left = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.uid}"


class KnownPlace(models.Model):
    """A device or a network that somebody came in from, as a keyed hash: codes asked there are always mailed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="core_known_place_once")]

    def __str__(self) -> str:
        return f"place of {self.user_id}"


class VitalSign(models.Model):
    """When a part of Kring was last seen alive, or what a look at it found; one row a part, about nobody.

    `trouble` says in a word or two what was wrong, `numbers` what was counted. Written by `portal.core.doctor` only.
    """

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    trouble = models.CharField(max_length=200, blank=True)
    numbers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class JournalLine(models.Model):
    """Something was taken away: in which table (`place`), of which row (`key`), how; ids and moments, never words.

    Written by triggers in the transaction of the act (`portal.core.taking`), copied to a file within a minute
    (`portal.core.journal`), removed 35 days after that.
    """

    at = models.DateTimeField(db_index=True)
    place = models.CharField(max_length=63)
    key = models.CharField(max_length=40)
    act = models.CharField(max_length=40)
    said = models.JSONField(default=dict)
    copied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(copied_at__isnull=True), name="core_journal_not_copied")
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.place} {self.key}"
