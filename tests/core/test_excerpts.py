"""A row comes back out of one column of text as it is in its table, as far as was asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Group
from groups.roster.models import RosterUpload
from messaging.models import Post, Reply, Writing
from portal.core.excerpts import Excerpt
from tests.cast import Cast
from tests.scene import Scene

pytestmark = pytest.mark.engines


def read(part: Excerpt, rows: Any) -> list[Any]:
    return [part.row(told) for told in rows.order_by("pk").annotate(told=part.told).values_list("told", flat=True)]


def test_every_kind_of_column_comes_back(cast: Cast) -> None:
    now = timezone.now() - timedelta(days=1)
    files = [{"name": "a.csv", "is_new": True, "size": 3}]
    made = RosterUpload.objects.create(
        school=cast.linde, uploaded_by=cast.directie, state="planned", uploaded_at=now, files=files
    )
    columns = ("uid", "state", "files", "uploaded_at", "school__name", "school__opened_at", "uploaded_by__pk")
    [row] = read(Excerpt(RosterUpload, *columns), RosterUpload.objects.filter(pk=made.pk))
    with CaptureQueriesContext(connection) as asked:
        assert (row.pk, row.uid, row.state, row.files, row.uploaded_at) == (made.pk, made.uid, "planned", files, now)
        assert (row.school, row.school.name, row.school.opened_at) == (cast.linde, "De Linde", cast.linde.opened_at)
        assert row.uploaded_by == cast.directie
    assert len(asked) == 0
    assert row.get_deferred_fields() == {
        field.attname
        for field in RosterUpload._meta.concrete_fields
        if field.attname not in {"id", "uid", "state", "files", "uploaded_at", "school_id", "uploaded_by_id"}
    }


def test_what_points_to_nothing_is_none(scene: Scene) -> None:
    part = Excerpt(Writing, "kind", "group__name", "post__kind", "post__group__name")
    post, reply = read(part, Writing.objects.filter(pk__in=[scene.post.pk, scene.reply.pk]))
    with CaptureQueriesContext(connection) as asked:
        assert (type(post), post.group.name, post.post) == (Post, scene.post.group.name, None)
        assert (type(reply), reply.group, reply.post.group.name) == (Reply, None, scene.post.group.name)
    assert len(asked) == 0


def test_what_is_annotated_is_a_column_too(scene: Scene) -> None:
    rows = Group.objects.filter(pk=scene.post.group_id).annotate(texts=Count("posts"), called=F("school__name"))
    [row] = read(Excerpt(Group, "name", "texts", "called"), rows)
    assert (row.name, row.called) == (scene.post.group.name, scene.post.group.school.name)
    assert row.texts == Writing.objects.filter(group=row.pk).count() > 0
