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
PROPERTY = "tests/permissions/test_derivation_property.py"

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
        "messaging/querysets.py",
        "return self.filter(readable, group__in=groups)",
        "return self.filter(readable)",
        ONE_RULE + " " + MATRIX,
    ),
    Leak(
        "hidden posts for everybody",
        "messaging/querysets.py",
        'Q(state="hidden") & (Q(group__in=moderated) | mine)',
        'Q(state="hidden")',
        MATRIX,
    ),
    Leak(
        "what was said to the teacher, for all",
        "messaging/querysets.py",
        "self.filter(shown, Q(to_staff=False) | confided, post__in=posts)",
        "self.filter(shown, post__in=posts)",
        MATRIX,
    ),
    Leak(
        "hidden replies for everybody",
        "messaging/querysets.py",
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
        "messaging/querysets.py",
        '"may_hide": Q(state__in=PLACED, group__in=Group.objects.permitting(user, MODERATE, now=now, hat=hat)),',
        '"may_hide": Q(state__in=PLACED),',
        MATRIX,
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
        "portal/core/outbox.py",
        "            if isinstance(answer, Withheld):",
        "            if isinstance(answer, Withheld) and answer.reason == 'never':",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "pages that a shared cache may keep",
        "portal/core/middleware.py",
        '"private, no-store"',
        '"public, max-age=600"',
        "tests/core/test_middleware.py",
    ),
]
