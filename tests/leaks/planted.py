"""Leaks, each one line of code away: what to change where, and the tests that must notice."""

from typing import NamedTuple


class Leak(NamedTuple):
    """Replace `old` by `new` in `file`: some test of `tests` has to fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str


RIGHTS = "tests/permissions/test_rights.py"
CAST = "tests/permissions/test_cast.py"
ONE_RULE = "tests/permissions/test_one_rule.py"
MATRIX = "tests/permissions/test_matrix.py"
OVER_TIME = "tests/messaging/test_threads_over_time.py"
EDITIONS = "tests/messaging/test_editions.py"
PHOTOS = "tests/messaging/test_photos_service.py"
PROPERTY = "tests/permissions/test_derivation_property.py"
ROSTER = "tests/groups/test_roster_page.py"

LEAKS = [
    Leak(
        "any grant counts for any permission",
        "portal/core/access.py",
        "filter(user=user, permission_id=permission_id(permission))",
        "filter(user=user)",
        RIGHTS,
    ),
    Leak(
        "a membership alone opens the group",
        "groups/querysets.py",
        ".filter(Exists(grant), user__is_active=True)",
        ".filter(user__is_active=True)",
        RIGHTS,
    ),
    Leak(
        "a closed account goes on reading",
        "groups/querysets.py",
        ".filter(Exists(grant), user__is_active=True)",
        ".filter(Exists(grant))",
        RIGHTS,
    ),
    Leak(
        "rights begin before their day",
        "groups/querysets.py",
        "role__in=roles.roles_with(permission), valid_from__lte=now, **",
        "role__in=roles.roles_with(permission), **",
        RIGHTS,
    ),
    Leak(
        "rights last one moment too long",
        "groups/querysets.py",
        '**{f"{until}__gt": now}',
        '**{f"{until}__gte": now}',
        PROPERTY,
    ),
    Leak(
        "every role may do everything",
        "groups/querysets.py",
        "role__in=roles.roles_with(permission), ",
        "",
        RIGHTS,
    ),
    Leak(
        "the hat does not matter",
        "groups/querysets.py",
        '(mine.filter(hat=hat) if hat else mine).values("group")',
        'mine.values("group")',
        RIGHTS,
    ),
    Leak(
        "everybody's membership is mine",
        "groups/querysets.py",
        "mine = memberships.filter(user=user)",
        "mine = memberships",
        CAST,
    ),
    Leak(
        "a child without its guardianship",
        "groups/querysets.py",
        "return self.filter(Exists(mine), pk__in=access.granted(grants, user, roles.VIEW_CHILD))",
        "return self.filter(pk__in=access.granted(grants, user, roles.VIEW_CHILD))",
        RIGHTS,
    ),
    Leak(
        "without authority is admitted too",
        "groups/querysets.py",
        'level__in=("with_authority", "admitted_reader")',
        'level__in=("with_authority", "admitted_reader", "without_authority")',
        PROPERTY,
    ),
    Leak(
        "the directie decides for every school",
        "groups/querysets.py",
        "return self.filter(child__school__in=schools.directed_by(user, now=now))",
        "return self.all()",
        ONE_RULE,
    ),
    Leak(
        "parents place messages",
        "groups/roles.py",
        "Role.PARENT: frozenset({VIEW, REPLY})",
        "Role.PARENT: frozenset({VIEW, REPLY, PUBLISH})",
        PROPERTY + " " + MATRIX,
    ),
    Leak(
        "IT reads along as the directie",
        "groups/domain/derivation.py",
        "    if role == Role.ICT:\n        return []",
        "    if role == Role.ICT:\n        return [Role.DIRECTIE]",
        "tests/groups/test_derivation.py",
    ),
    Leak(
        "the archive outlives the guardianship",
        "groups/domain/derivation.py",
        "min(year.archive_until, _end(lasting))",
        "year.archive_until",
        PROPERTY,
    ),
    Leak(
        "a superuser reads every letter",
        "portal/core/models.py",
        "return self.is_active and access.Backend().has_perm(self, perm, obj)",
        "return self.is_superuser or access.Backend().has_perm(self, perm, obj)",
        RIGHTS,
    ),
    Leak(
        "an ended guardianship leaves the rows",
        "groups/services/guardianships.py",
        "        sync_memberships(school=school, users=[user], now=now)",
        "        pass",
        RIGHTS,
    ),
    Leak(
        "posts of every group",
        "messaging/querysets/posts.py",
        "return self.filter(readable, group__in=groups)",
        "return self.filter(readable)",
        ONE_RULE + " " + MATRIX,
    ),
    Leak(
        "hidden posts for everybody",
        "messaging/querysets/posts.py",
        'Q(state="hidden") & (Q(group__in=moderated) | mine)',
        'Q(state="hidden")',
        MATRIX,
    ),
    Leak(
        "what was said to the teacher, for all",
        "messaging/querysets/posts.py",
        "self.filter(shown, Q(to_staff=False) | confided, post__in=posts)",
        "self.filter(shown, post__in=posts)",
        MATRIX,
    ),
    Leak(
        "hidden replies for everybody",
        "messaging/querysets/posts.py",
        'Q(state="hidden") & (Q(post__group__in=moderated) | mine)',
        'Q(state="hidden")',
        MATRIX,
    ),
    Leak(
        "placing without asking",
        "messaging/services/posts.py",
        "access.demand(_may_publish_in(chosen, by, hat, now))",
        "pass",
        ONE_RULE,
    ),
    Leak(
        "any adult takes anything down",
        "messaging/querysets/posts.py",
        '"may_hide": Q(state__in=PLACED, group__in=Group.objects.permitting(user, MODERATE, now=now, hat=hat)),',
        '"may_hide": Q(state__in=PLACED),',
        MATRIX,
    ),
    Leak(
        "the grant alone opens the conversation",
        "messaging/querysets/threads.py",
        "rows.filter(reasons[Hat(hat)] if hat else reasons[Hat.FAMILY] | reasons[Hat.STAFF])",
        "rows",
        OVER_TIME,
    ),
    Leak(
        "a chair alone opens the conversation",
        "messaging/querysets/threads.py",
        'return self.filter(pk__in=grants.filter(user=user).values("content_object"))',
        "return self.filter(participations__caregiver__user=user)",
        OVER_TIME,
    ),
    Leak(
        "the other parent reads along",
        "messaging/querysets/threads.py",
        'here.of_caregivers(now=now).filter(caregiver__user=OuterRef("user"))',
        "here.of_caregivers(now=now)",
        OVER_TIME,
    ),
    Leak(
        "readers sit in conversations",
        "messaging/querysets/threads.py",
        'f"{caregiver}guardianships__level": Level.WITH_AUTHORITY,',
        'f"{caregiver}guardianships__level__in": [Level.WITH_AUTHORITY, Level.ADMITTED_READER],',
        OVER_TIME,
    ),
    Leak(
        "every colleague of the group reads along",
        "messaging/querysets/threads.py",
        'came_later = Q(group__assignments__valid_from__gt=F("valid_from"))',
        "came_later = Q(pk__gt=0)",
        OVER_TIME,
    ),
    Leak(
        "a teacher who left reads on",
        "messaging/querysets/threads.py",
        'active_at(now, "group__assignments__") & active_at(now, "group__enrolments__")',
        'active_at(now, "group__enrolments__")',
        OVER_TIME,
    ),
    Leak(
        "two half reasons make one",
        "messaging/querysets/threads.py",
        'here.of_teachers(now=now, user=OuterRef("user"))',
        'here.of_teachers(now=now).filter(group__assignments__staff__user=OuterRef("user"))',
        OVER_TIME,
    ),
    Leak(
        "the own child's conversation as staff",
        "messaging/querysets/threads.py",
        "Hat.STAFF: Q(as_teacher) & ~Q(Exists(own_child))",
        "Hat.STAFF: Q(as_teacher)",
        OVER_TIME,
    ),
    Leak(
        "messages of every conversation",
        "messaging/querysets/threads.py",
        'return self.filter(state="published", thread__in=threads)',
        'return self.filter(state="published")',
        MATRIX,
    ),
    Leak(
        "anybody starts with anybody",
        "messaging/services/threads.py",
        "access.demand(_may_start(child, caregivers, staff, teachers, by=by, hat=hat, now=now))",
        "pass",
        "tests/messaging/test_threads_service.py",
    ),
    Leak(
        "mail to who is no longer in the conversation",
        "messaging/mail/conversations.py",
        "        and (reader.pk, message.thread_id, bundle.hat) in reading.threads\n",
        "",
        "tests/messaging/test_talk_mail.py",
    ),
    Leak(
        "a copy of the mail for others",
        "portal/core/mail.py",
        "len(message.to) != 1 or message.cc or message.bcc",
        "not message.to",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "mail to somebody who may not see it any more",
        "portal/core/outbox/delivery.py",
        "        if isinstance(answer, Withheld):",
        "        if isinstance(answer, Withheld) and answer.reason == 'never':",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a newsletter with the staff's messages",
        "messaging/querysets/letters.py",
        "return effective.filter(hat=hat) if hat else effective",
        "return effective",
        EDITIONS,
    ),
    Leak(
        "a newsletter to who has no right any more",
        "messaging/querysets/letters.py",
        "self.filter(group__memberships__in=readers)",
        "self.filter(group__memberships__user__in=users)",
        EDITIONS,
    ),
    Leak(
        "messages of after the cut twice",
        "messaging/querysets/letters.py",
        "            published_at__lte=edition.cut_at,\n",
        "",
        EDITIONS,
    ),
    Leak(
        "titles only, and still the texts",
        "messaging/mail/composing.py",
        '"titles_only": self._school.digest_titles_only',
        '"titles_only": False',
        EDITIONS,
    ),
    Leak(
        "a row that another worker holds",
        "portal/core/outbox/claims.py",
        "filter(pk=item.pk, claim=claim.token, state=OutboxState.CLAIMED)",
        "filter(pk=item.pk)",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a newsletter twice after doubt",
        "portal/core/outbox/delivery.py",
        "elif kind_of(item.kind).newsletter or item.was_uncertain:",
        "elif item.was_uncertain:",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "no doubt about a line that was cut",
        "portal/core/mail.py",
        "Outcome.UNCERTAIN if handed_over else Outcome.CUT_OFF",
        "Outcome.CUT_OFF",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a link scanner stops the mails",
        "groups/views/contact.py",
        'if request.method == "POST":\n        choose_way(user=found.user',
        "if request.method:\n        choose_way(user=found.user",
        "tests/groups/test_contact_choice.py",
    ),
    Leak(
        "pages that a shared cache may keep",
        "portal/core/middleware.py",
        '"private, no-store"',
        '"public, max-age=600"',
        "tests/core/test_middleware.py",
    ),
    Leak(
        "another school's roster files open",
        "groups/querysets.py",
        "return self.filter(school__in=self.model.school.field.related_model.objects.directed_by(user, now=now))",
        "return self.all()",
        ROSTER,
    ),
    Leak(
        "an import applies what nobody looked at",
        "groups/services/roster.py",
        "if order.shown and order.shown != fingerprint_of(plan):",
        "if order.shown and not fingerprint_of(plan):",
        ROSTER,
    ),
    Leak(
        "the school's export stays on the disk",
        "groups/services/roster_work.py",
        "state=UploadState.APPLIED, outcome=outcome, settled_at=now)\n    remove_files(upload)",
        "state=UploadState.APPLIED, outcome=outcome, settled_at=now)",
        ROSTER,
    ),
    Leak(
        "photos of every post",
        "messaging/querysets/images.py",
        "return self.filter(removed_at__isnull=True, post__in=posts)",
        "return self.filter(removed_at__isnull=True)",
        ONE_RULE + " " + MATRIX,
    ),
    Leak(
        "photos that were taken out again",
        "messaging/querysets/images.py",
        "return self.filter(removed_at__isnull=True, post__in=posts)",
        "return self.filter(post__in=posts)",
        PHOTOS,
    ),
    Leak(
        "everybody's uploads",
        "messaging/querysets/images.py",
        "Q(uploaded_by=user.pk) & ~Exists(self._placements())",
        "~Exists(self._placements())",
        PHOTOS,
    ),
    Leak(
        "an upload stays its uploader's",
        "messaging/querysets/images.py",
        "Q(uploaded_by=user.pk) & ~Exists(self._placements())",
        "Q(uploaded_by=user.pk)",
        PHOTOS,
    ),
    Leak(
        "somebody else's photo in my message",
        "messaging/querysets/images.py",
        "return self.filter(uploaded_by=user.pk).filter(~Exists(self._placements()))",
        "return self.all()",
        PHOTOS,
    ),
    Leak(
        "bytes without asking the door",
        "messaging/views/photos.py",
        "image = get_object_or_404(Image.objects.visible_to(request.user, now=request.now), uid=uid)",
        "image = get_object_or_404(Image, uid=uid)",
        "tests/messaging/test_photo_pages.py",
    ),
    Leak(
        "photos that a shared cache may keep",
        "messaging/views/photos.py",
        '"private, no-cache"',
        '"public, max-age=86400"',
        "tests/messaging/test_photo_pages.py",
    ),
    Leak(
        "a note inside each photo",
        "portal/core/media/child.py",
        'exif=b"", icc_profile=None, **options',
        'comment=b"made by", **options',
        "tests/media/test_corpus.py",
    ),
]
