"""The own children of many readers at once, as a page knows those of its one reader."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from groups.accounts.services.hats import TALKING, Kin, Sign
from groups.models import Child, Membership
from groups.roles import VIEW, Hat

_SIGN = (*(f"group__{column}" for column in Sign._fields[:-1]), "group__school__name")
_CHILD = tuple(f"guardianship__child{column}" for column in ("", "__uid", "__first_name", "__colour"))


def kin_of_many(users: Collection[int], *, now: datetime) -> dict[int, list[Kin]]:
    """By user the same as `Hats.kin`, in order of name."""
    own = set(Child.objects.visible_pairs(users, now=now))
    reasons = Membership.objects.effective(VIEW, now=now).filter(
        user__in=users, hat=Hat.FAMILY, guardianship__isnull=False
    )
    kin: dict[int, list[Kin]] = defaultdict(list)
    for user, role, *about in reasons.values_list("user", "role", *_CHILD, *_SIGN):
        child, sign = about[: len(_CHILD)], about[len(_CHILD) :]
        if (user, child[0]) in own:
            kin[user].append(Kin._make([*child, Sign._make(sign), role in TALKING]))
    return {user: sorted(theirs, key=lambda one: (one.first_name, one.pk)) for user, theirs in kin.items()}
