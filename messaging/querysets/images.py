"""Which photos somebody may see: never public, never a group's own; a photo stands in posts, or is an own upload."""

from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber, TruncMonth

from portal.core.domain.moments import SCHOOL_ZONE


class PlacementQuerySet(models.QuerySet):
    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Photos that stand in posts `user` may read (POL-01), in one hat or in any; consent joins here (step 3).

        Example: Noor's mother sees the photos of groep 4. When the post is hidden or taken back, or Noor moves to
        another group, she no longer finds them, page nor bytes.
        """
        if not user.is_authenticated:
            return self.none()
        posts = self.model.post.field.related_model.objects.visible_to(user, now=now, hat=hat)
        return self.filter(removed_at__isnull=True, post__in=posts)

    def in_order(self) -> Self:
        """Post by post as their writers ordered them."""
        return self.order_by("post", "position", "pk")

    def of(self, post: Any) -> Self:
        """Everything that ever stood in this post."""
        return self.filter(post=post)

    def in_month(self, begins: date) -> Self:
        """In posts placed in the month that begins on this day, at school."""
        start = datetime.combine(begins, time(), tzinfo=SCHOOL_ZONE)
        next_month = (begins.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = datetime.combine(next_month, time(), tzinfo=SCHOOL_ZONE)
        return self.filter(post__published_at__gte=start, post__published_at__lt=end)

    def counted(self, *, most: int | None = None) -> Self:
        """Annotates `number`, from 1, and `together`: how many photos of this selection stand in the same post.

        With `most` only the first few of each post.
        """
        numbered: Any = self.annotate(
            number=Window(RowNumber(), partition_by="post", order_by=["position", "pk"]),
            together=Window(Count("*"), partition_by="post"),
        )
        return numbered.filter(number__lte=most) if most else numbered

    def months(self) -> models.QuerySet:
        """The months in which there are photos, newest first, each with its `count`."""
        in_month = self.annotate(month=TruncMonth("post__published_at", tzinfo=SCHOOL_ZONE))
        return in_month.order_by().values("month").annotate(count=Count("image", distinct=True)).order_by("-month")


class ImageQuerySet(models.QuerySet):
    def visible_to(self, user: Any, *, now: datetime, hat: str | None = None) -> Self:
        """Photos in posts that `user` may read, and the user's own uploads that stand nowhere yet."""
        if not user.is_authenticated:
            return self.none()
        placements = self.model.placements.rel.related_model.objects
        shown = placements.visible_to(user, now=now, hat=hat).filter(image=OuterRef("pk"))
        return self.filter(Exists(shown) | Q(uploaded_by=user.pk) & ~Exists(self._placements()))

    def placeable_by(self, user: Any) -> Self:
        """The user's own uploads that stand nowhere yet."""
        return self.filter(uploaded_by=user.pk).filter(~Exists(self._placements()))

    def placed_together_with(self, post: Any) -> Self:
        """Photos of the posts that were written together with this one."""
        if post.written_together is None:
            return self.filter(Exists(self._placements().filter(post=post)))
        return self.filter(Exists(self._placements().filter(post__written_together=post.written_together)))

    def left_lying(self, *, since: datetime) -> Self:
        """Uploads from before `since` that were never placed."""
        return self.filter(~Exists(self._placements()), created_at__lt=since)

    def _placements(self) -> models.QuerySet:
        rows: models.QuerySet = self.model.placements.rel.related_model.objects.filter(image=OuterRef("pk"))
        return rows


class ClearedPhoneQuerySet(models.QuerySet):
    def told_by(self, user: Any) -> Self:
        """What `user` said about the own phone."""
        return self.filter(user=user.pk)
