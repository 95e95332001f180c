"""Which kind of news a message is, and whose mail it goes into (POL-50)."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from groups.models import NEWS, ContactChoice, GroupKind, NewsKind, School, Way
from messaging.writings.models import Post, WritingVersion

OF_KIND = {
    NewsKind.ASKS: ~Q(ask="") | Q(is_essential=True),
    NewsKind.SCHOOL: Q(ask="", is_essential=False, group__kind=GroupKind.SCHOOL),
    NewsKind.STORIES: Q(ask="", is_essential=False) & ~Q(group__kind=GroupKind.SCHOOL),
}
"""Conditions on messages; each message is of one kind. What every family has to read asks that of them."""


def shown_on_phones(school: School) -> Q:
    """Of pairs of a `reader` and a message: those that the reader's phones show at once."""
    on_phone = ContactChoice.objects.on_phone
    return reduce(or_, (OF_KIND[kind] & on_phone(kind=kind, school=school, user="reader") for kind in NEWS))


def chosen_since(school: School) -> Q:
    """Of pairs of a `reader` and a message: those placed before the reader chose a mail at once, or the weekly one, for
    that kind.
    """
    mails = (Way.MESSAGE, Way.WEEKLY)
    chosen = ContactChoice.objects.filter(
        user=OuterRef("reader"), school=school, way__in=mails, chosen_at__gt=OuterRef("published_at")
    )
    return reduce(or_, (OF_KIND[kind] & Q(Exists(chosen.filter(kind=kind))) for kind in NEWS))


def asks_no_more(school: School) -> Q:
    """Of pairs of a `reader` and a message: those that asked something once and now are of a kind the reader hears of
    at once. When they were placed they were not; no mail at once goes for what comes to ask nothing.
    """
    asked = WritingVersion.objects.filter(writing=OuterRef("pk")).exclude(ask="", is_essential=False)
    kinds = (NewsKind.SCHOOL, NewsKind.STORIES)
    at_once = (
        OF_KIND[kind] & ContactChoice.objects.wanting(Way.MESSAGE, kind=kind, school=school, user="reader")
        for kind in kinds
    )
    return reduce(or_, at_once) & Q(Exists(asked))


def kind_of(post: Post) -> NewsKind:
    """The same of one message."""
    if post.ask or post.is_essential:
        return NewsKind.ASKS
    return NewsKind.SCHOOL if post.group.kind == GroupKind.SCHOOL else NewsKind.STORIES


def wanted(way: str, school: School) -> Q:
    """Of pairs of a `reader` and a message: those where the reader hears of that kind in this way."""
    wanting = ContactChoice.objects.wanting
    return reduce(or_, (OF_KIND[kind] & wanting(way, kind=kind, school=school, user="reader") for kind in NEWS))
