"""May this parent say a kind word about this? The answer is the same no for every reason."""

from collections import defaultdict

from django.db.models import Exists, Q

from groups.models import GroupGrant, Guardianship
from groups.roles import REPLY, VIEW, Hat
from messaging.models import Reply, Writing
from moderation.kind_words.models import KindWordRules, NoKindWords, ParentWord
from portal.core.actor import Actor


def can_say(actor: Actor, written: Writing) -> bool:
    """POL-66: from parent to parent, about a reply that all of the group read, once for each reply.

    Where the school wants it and the reader did not close it; by who may reply there; and never between two who are
    adults of one child, or where a contact ban or a shield stands.
    """
    if actor.hat != Hat.FAMILY or not isinstance(written, Reply) or written.hat != Hat.FAMILY:
        return False
    return (
        written.author_id != actor.user.pk
        and _is_open(written)
        and _stands_for_both(actor, written)
        and actor.user.pk in may_pass({actor.user.pk}, written.author_id, actor)
    )


def may_pass(senders: set[int], reader: int, actor: Actor) -> set[int]:
    """Of these accounts those whose words may go to `reader` at `actor.now`; asked again when they are read."""
    if not senders or NoKindWords.objects.filter(user=reader).exists():
        return set()
    bonds = Guardianship.objects.filter(caregiver__user__in=[*senders, reader])
    bonds = bonds.annotate(stops=Guardianship.objects.kept_apart(now=actor.now))
    children, stopped = defaultdict[int, set[int]](set), set[int]()
    for user, child, stops in bonds.values_list("caregiver__user", "child", "stops"):
        children[user].add(child)
        stopped |= {user} if stops else set()
    if reader in stopped:
        return set()
    return {sender for sender in senders - stopped if children[sender].isdisjoint(children[reader])}


def _is_open(written: Writing) -> bool:
    """The school wants it, and nobody said one about this yet."""
    wanted = KindWordRules.objects.filter(school=written.school_id, is_on=True)
    return wanted.exclude(Exists(ParentWord.objects.filter(reply=written.pk))).exists()


def _stands_for_both(actor: Actor, reply: Reply) -> bool:
    """Both read the reply where it stands, which is not hidden nor for the teacher, and `actor` may reply there."""
    mine = Reply.objects.visible_to(actor).filter(pk=reply.pk, post__group__in=GroupGrant.objects.of(actor, REPLY))
    theirs = Q(user=reply.author_id, hat=Hat.FAMILY, content_object__posts__reply_set=reply.pk)
    return mine.filter(Exists(GroupGrant.objects.in_force(VIEW, now=actor.now).filter(theirs))).exists()
