"""The one door to rights on objects; the only module that knows django-guardian.

Grants are rows of direct-foreign-key permission models (one per container: group, child, thread), written
set-based from the truth by `write_grants` and read by `granted`. A grant alone opens nothing: each container joins
it with its active reason, so drift can only take away. Global permissions and superusers are never consulted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from portal.core import kept, prepared

WRITE_BATCH = 2000
BEGINNING = datetime.min.replace(tzinfo=UTC)


class Grant(UserObjectPermissionBase):
    """Base of the grant models: user × permission × `content_object`, a real foreign key to its container."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class GrantKey(NamedTuple):
    user_id: int
    permission: str
    container_id: int


class Drift(NamedTuple):
    """What the reconciliation found: rows that should be there, and rows that should not."""

    missing: int
    extra: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra)


@dataclass(frozen=True)
class Container:
    """A model rights hang on: its grants, the set-based truth `expected(now, users=None)`, the per-object answer."""

    model: type[models.Model]
    grants: type[Grant]
    expected: Callable[..., set[GrantKey]]
    may: Callable[[Any, str, Any, datetime], bool]
    follow: Callable[..., Drift] | None = None
    """What of this container follows from tasks beside grants: `follow(school, by, now, write)`, before the grants."""


_containers: dict[type[models.Model], Container] = {}


def register(container: Container) -> None:
    """Called from `AppConfig.ready`: one of the floor's three registries."""
    _containers[container.model] = container


def containers() -> list[Container]:
    return list(_containers.values())


def follow_tasks(*, school: Any, by: Any, now: datetime, write: bool = True) -> dict[str, Drift]:
    """Let every container follow the tasks of a school as they are now; called by whoever changes a task, in that
    transaction and before its grants. Returns per container what differed; with `write` False nothing changes."""
    following = ((one.model._meta.label, one.follow) for one in containers())
    return {label: follow(school=school, by=by, now=now, write=write) for label, follow in following if follow}


@cache
def permission_id(permission: str) -> int:
    """The row of `app_label.codename`, resolved once together with its content type (`view_group` exists twice)."""
    app_label, codename = permission.split(".")
    return Permission.objects.only("pk").get(codename=codename, content_type__app_label=app_label).pk


def forget_permissions(**_: object) -> None:
    """Permission rows are made anew by `migrate` and `flush`."""
    permission_id.cache_clear()
    prepared.forget()
    kept.forget()


def granted(grants: type[Grant], user: Any, permission: str) -> models.QuerySet:
    """The containers on which `user` (a User or an OuterRef) holds a grant; a subquery, not yet a right."""
    rows: models.QuerySet = grants._default_manager.all()
    return rows.filter(user=user, permission_id=permission_id(permission)).values("content_object")


def write_grants(grants: type[Grant], expected: set[GrantKey], *, within: models.QuerySet) -> Drift:
    """Make the grant rows `within` equal to `expected`; returns what had to change."""
    present = _present(within)
    missing, extra = expected - present.keys(), present.keys() - expected
    grants._default_manager.filter(pk__in=[present[key] for key in extra]).delete()
    new = [_row(grants, key) for key in sorted(missing)]
    grants._default_manager.bulk_create(new, batch_size=WRITE_BATCH, ignore_conflicts=True)
    return Drift(len(missing), len(extra))


def _row(grants: Any, key: GrantKey) -> Grant:
    row: Grant = grants(user_id=key.user_id, permission_id=permission_id(key.permission))
    row.content_object_id = key.container_id  # type: ignore[attr-defined]
    return row


def find_drift(container: Container, *, now: datetime, within: models.QuerySet | None = None, **only: Any) -> Drift:
    """Compare grant rows with the truth at `now` without changing anything; all, or those `within` for `only`.

    A grant whose reason merely ran out opens nothing and waits for the next repair; extra is what never had a reason.
    """
    rows = container.grants._default_manager.all() if within is None else within
    present = _present(rows).keys()
    missing = container.expected(now, **only) - present
    return Drift(len(missing), len(present - container.expected(BEGINNING, **only)))


def _present(rows: models.QuerySet) -> dict[GrantKey, int]:
    columns = ("user_id", "permission__content_type__app_label", "permission__codename", "content_object_id", "pk")
    return {
        GrantKey(user_id, f"{app_label}.{codename}", container_id): pk
        for user_id, app_label, codename, container_id, pk in rows.values_list(*columns)
    }


def may(user: Any, permission: str, obj: models.Model, *, now: datetime) -> bool:
    """Whether `user` has the effective right (grant ∧ active reason) on this one container at `now`."""
    container = _containers.get(type(obj))
    return bool(container and user.is_active and container.may(user, permission, obj, now))


class Backend:
    """Makes the usual `user.has_perm("groups.view_group", group)` answer by the same rule as every list.

    Without an object the answer is no: there are no global rights in Kring, not for a superuser either. It signs
    nobody in.
    """

    def authenticate(self, request: object, **credentials: object) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        return obj is not None and may(user_obj, perm, obj, now=timezone.now())


def demand(allowed: bool) -> None:
    """The refusal of a service: an insider without the power. Raises `PermissionDenied` (403)."""
    if not allowed:
        raise PermissionDenied


def declares(rule: str) -> Callable[[Callable], Callable]:
    """Marks a view with who may come there, in one sentence; the start-up check refuses a route without one."""

    def mark(view: Callable) -> Callable:
        view.kring_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def takes_files(view: Callable) -> Callable:
    """Marks a view whose form brings files; every other one takes a megabyte at most (`middleware.light_bodies`)."""
    view.kring_takes_files = True  # type: ignore[attr-defined]
    return view
