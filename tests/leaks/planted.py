"""Leaks, each one line of code away: what to change where, and the tests that must notice."""

from typing import NamedTuple


class Leak(NamedTuple):
    """Replace `old` by `new` in the symbols of `where`, or in the file where it is a path (`tests.leaks.symbols`).

    Some test of `tests` has to fail; on PostgreSQL where the code is for it.
    """

    name: str
    where: str
    old: str
    new: str
    tests: str
    on_postgresql: bool = False


HELD = "tests/permissions/test_held.py"
RIGHTS = "tests/permissions/test_rights.py"
CAST = "tests/permissions/test_cast.py"
ONE_RULE = "tests/permissions/test_one_rule.py"
MATRIX = "tests/permissions/test_matrix.py"
OVER_TIME = "tests/messaging/test_threads_over_time.py"
NEWCOMERS = "tests/messaging/test_newcomers.py"
EDITIONS = "tests/messaging/test_editions.py"
PHOTOS = "tests/messaging/test_photos_service.py"
UPLOADS = "tests/messaging/test_uploads.py"
ASKING = f"{ONE_RULE}::test_asking_for_consent"
SPEAKING = f"{ONE_RULE}::test_speaking_for_a_child"
PAPER = "tests/consent/test_paper.py"
SCHOOLS_CONSENT = "tests/consent/test_school_pages.py"
PROPERTY = "tests/permissions/test_derivation_property.py"
ROSTER = "tests/groups/test_roster_page.py"
TALK_PHOTOS = "tests/messaging/test_talk_photos.py"
PASSKEYS = "tests/groups/test_passkeys.py"
CHOICES = "tests/consent/test_choices_page.py tests/consent/test_deciding_oneself.py"
CONSENT_MAIL = "tests/consent/test_mail.py"
CONSENT_RULE = "tests/consent/test_who_decides.py"
DECIDING = "tests/consent/test_deciding_oneself.py"

EVALUATIONS = "tests/moderation/test_evaluations.py"
RULES = "tests/moderation/test_rules_everybody_knows.py"
RULES_PROPERTY = "tests/moderation/test_rules_property.py"
BLURRING = "tests/messaging/test_blurring.py"
CARDS = "tests/messaging/test_cards.py"
FEED = "tests/permissions/test_feed_property.py"
DESK = "tests/moderation/test_desk.py"
PEOPLE_LISTS = "tests/moderation/test_people_lists.py"
DESK_ACTS = "tests/moderation/test_desk_acts.py"
_DRAWN_FROM = ["entry.post", "entry.group", "entry.groups", "entry.photos", "hat", "language", "today"]


def _card_found_by(*facts: str) -> str:
    """A list that takes whatever card was first drawn for these facts."""
    drawn = f"_drawn({', '.join(_DRAWN_FROM)})"
    return f"card = _drawn.__dict__.setdefault('kept', {{}}).setdefault(({', '.join(facts)}), {drawn})"


def _cards_without(name: str, fact: str, instead: str = "") -> Leak:
    facts = [instead if one == fact else one for one in _DRAWN_FROM]
    return Leak(
        name,
        "cards_of",
        f"card = _drawn({', '.join(_DRAWN_FROM)})",
        _card_found_by(*filter(None, facts)),
        CARDS,
    )


SHIELDS = "tests/groups/test_shields.py"
RESTRICTIONS = "tests/groups/test_restrictions.py"

LEAKS = [
    Leak(
        "a directie who is limited goes on directing",
        "school_rights",
        "forbidding(cuts.get((user, place), []), reading=False)",
        "forbidding(cuts.get((user, place), []), reading=True)",
        RESTRICTIONS,
    ),
    Leak(
        "a chair outlives the task it was taken with",
        "seats:_reasons",
        "(Role.TEACHER, chair.group) and task.start <= chair.start:",
        "(Role.TEACHER, chair.group):",
        OVER_TIME,
    ),
    Leak(
        "a conversation begins while somebody else lets rights follow",
        "start_thread",
        "        hold_schools(child.school_id)\n",
        "",
        "tests/messaging/test_right_races.py",
        on_postgresql=True,
    ),
    Leak(
        "a right counts for any permission",
        "GrantQuerySet.in_force",
        "self.standing(now=now).filter(permission_id=permission_id(permission))",
        "self.standing(now=now)",
        RIGHTS,
    ),
    Leak(
        "a right goes on after its end",
        "GrantQuerySet.standing",
        "self.filter(unended, valid_from__lte=now, user__is_active=True)",
        "self.filter(valid_from__lte=now, user__is_active=True)",
        RIGHTS,
    ),
    Leak(
        "a right begins before its time",
        "GrantQuerySet.standing",
        "self.filter(unended, valid_from__lte=now, user__is_active=True)",
        "self.filter(unended, user__is_active=True)",
        RIGHTS,
    ),
    Leak(
        "a closed account goes on reading",
        "GrantQuerySet.standing",
        "self.filter(unended, valid_from__lte=now, user__is_active=True)",
        "self.filter(unended, valid_from__lte=now)",
        RIGHTS,
    ),
    Leak(
        "the hat does not matter",
        "GrantQuerySet.held_by",
        "return mine.filter(hat=actor.hat) if actor.hat else mine",
        "return mine",
        RIGHTS,
    ),
    Leak(
        "everybody's right is mine",
        "GrantQuerySet.held_by",
        "mine = self.in_force(permission, now=actor.now).filter(user=actor.user)",
        "mine = self.in_force(permission, now=actor.now)",
        CAST,
    ),
    Leak(
        "a membership alone opens the group",
        "GroupQuerySet.permitting",
        "return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(actor, permission))",
        "return self.filter(memberships__user=actor.user.pk).distinct()",
        RIGHTS,
    ),
    Leak(
        "who hears has no right",
        "MembershipQuerySet.effective",
        "return self.in_force(permission, now=now).filter(Exists(theirs))",
        "return self.in_force(permission, now=now)",
        RIGHTS,
    ),
    Leak(
        "an ended guardianship leaves the rights",
        "guardianships:_follow",
        "users=[user] if user else [], ",
        "users=[], ",
        RIGHTS,
    ),
    Leak(
        "a restriction is decided and rights do not follow",
        "restrict_person",
        "        access.reproject(school=school, users=[person.pk])\n",
        "",
        RESTRICTIONS,
    ),
    Leak(
        "access is given back and rights do not follow",
        "end_restriction",
        "            access.reproject(school=current.school, users=[current.user_id])\n",
        "",
        RESTRICTIONS,
    ),
    Leak(
        "a projection forgets restrictions",
        "group_rights",
        "for span in without(stretches(spans), forbidden):",
        "for span in stretches(spans):",
        RESTRICTIONS,
    ),
    Leak(
        "who is suspended goes on reading",
        "forbidding",
        "if kind == RestrictionKind.SUSPENDED or not reading]",
        "if not reading]",
        RESTRICTIONS,
    ),
    Leak(
        "who is limited goes on writing",
        "forbidding",
        "if kind == RestrictionKind.SUSPENDED or not reading]",
        "if kind == RestrictionKind.SUSPENDED]",
        RESTRICTIONS,
    ),
    Leak(
        "powers last as long as the archive",
        "group_rights",
        "reason.reads_until if permission == VIEW else reason.valid_until",
        "reason.reads_until",
        PROPERTY,
    ),
    Leak(
        "a chair alone opens the conversation",
        "ThreadQuerySet.permitting",
        "return self.filter(pk__in=self.model.grants.rel.related_model.objects.of(actor, permission))",
        "return self.filter(participations__caregiver__user=actor.user.pk)",
        OVER_TIME,
    ),
    Leak(
        "a chair opens without authority",
        "seats:_of_caregivers",
        "for span in stretches(both(Span(*taken), span) for span in talking.get((caregiver, child), [])):",
        "for span in [Span(*taken)]:",
        OVER_TIME,
    ),
    Leak(
        "a successor reads back to the first word",
        "MessageQuerySet._reaching",
        '.filter(reads_from__lte=OuterRef("published_at"))',
        "",
        f"{NEWCOMERS} tests/messaging/test_reads_from.py",
    ),
    Leak(
        "a mail carries what was said before",
        "ThreadGrantQuerySet.reading",
        ', content_object__messages__published_at__gte=F("reads_from")',
        "",
        "tests/messaging/test_reads_from.py",
    ),
    Leak(
        "a teacher who left reads on",
        "seats:_reasons",
        "held = both(chair.span, task.span)",
        "held = chair.span",
        OVER_TIME,
    ),
    Leak(
        "a child that left its group leaves the conversation open",
        "seats:_reasons",
        "yield from (both(held, span) for span in there[chair.child, chair.group])",
        "yield held",
        OVER_TIME,
    ),
    Leak(
        "a directie who is family of the child reads as staff",
        "thread_rights:_of_staff",
        "cuts = list(family.get((seat.user, seat.child), []))",
        "cuts = []",
        "tests/messaging/test_directie.py",
    ),
    Leak(
        "who runs the school sits in by a task",
        "seats:_of_staff",
        "if chair.came == Came.TASK and _runs(task, chair.school)]",
        "if False]",
        NEWCOMERS,
    ),
    Leak(
        "who is suspended goes on reading conversations",
        "thread_rights",
        "for span in without([one.span], forbidden))",
        "for span in [one.span])",
        RESTRICTIONS,
    ),
    Leak(
        "who came in by letter reads what was said before",
        "thread_rights:_of_caregivers",
        "unknown = [until for joined, until in waiting.get(seat.person, []) if joined > seat.began]",
        "unknown = []",
        "tests/messaging/test_letter_door.py::test_whoever_uses_the_letter_of_a_mother_does_not_read_what_was_said_to_her",
    ),
    Leak(
        "who came in as a teacher by a printed letter reads what was said before",
        "thread_rights:_of_staff",
        "if settles and joined > seat.began:",
        "if False:",
        "tests/messaging/test_staff_door.py",
    ),
    Leak(
        "a parent is known and rights do not follow",
        "confirm_claim",
        "        access.reproject(school=current.caregiver.school, users=[current.user_id])\n",
        "",
        "tests/messaging/test_letter_door.py",
    ),
    Leak(
        "a colleague is known and rights do not follow",
        "know_colleague",
        "        access.reproject(school=staff.school, users=StaffMember.objects.came_in([staff.pk]))\n",
        "",
        "tests/messaging/test_staff_door.py",
    ),
    Leak(
        "what is handed over stays closed",
        "services.joining:hand_over",
        "            let_read([chair], current.school)\n            _note(StepKind.HANDED",
        "            _note(StepKind.HANDED",
        "tests/messaging/test_joining.py",
    ),
    Leak(
        "the latest chair decides how far back somebody reads",
        "farthest_back",
        "since, last = min(held)",
        "since, last = max(held)",
        "tests/messaging/test_reading.py",
    ),
    Leak(
        "a group's administrator shows what the directie hid",
        "_post_rules _reply_rules",
        '"may_show": may_hide & ~_hidden_above(actor),',
        '"may_show": may_hide,',
        "tests/moderation/test_who_hid.py",
    ),
    Leak(
        "a new record with the reader's own address is not the reader's own",
        "own_marks",
        "*map(fold_address, addresses), ",
        "",
        "tests/groups/test_roster_page.py",
    ),
    Leak(
        "who printed the letter of a colleague says that it is the right person",
        "StaffQuerySet.knowable_by",
        "rows.exclude(pk__in=printed.filter(staff__isnull=False))",
        "rows",
        "tests/groups/test_staff_entry.py",
    ),
    Leak(
        "the head comes in as a colleague with her own account",
        "_demand_usable",
        "    if StaffMember.objects.serving(now=now).filter(school=staff.school_id, user=user).exists():\n"
        "        raise ColleagueAlreadyError\n",
        "",
        "tests/groups/test_staff_entry.py",
    ),
    Leak(
        "who hid it counts by the task of today",
        "_hidden_above",
        'Q(valid_until__isnull=True) | Q(valid_until__gt=OuterRef("hidden_at"))',
        "Q(valid_until__isnull=True)",
        "tests/moderation/test_who_hid.py",
    ),
    Leak(
        "a shielded child is named to everybody",
        "ChildQuerySet._hidden_from",
        "return shields.exclude(",
        "return shields.none().exclude(",
        SHIELDS,
    ),
    Leak(
        "every teacher is the team of a shielded child",
        "KNOWING",
        'f"{_CLASS}__assignments__staff__user",',
        'f"{_HEAD}__staff__user",',
        SHIELDS,
    ),
    Leak(
        "who directs another school is the team",
        "_CARER",
        '_HEAD, _CARER = "child__enrolments__group", "child__school__assignments"',
        '_HEAD, _CARER = "child__enrolments__group", "child__school__foundation__schools__assignments"',
        SHIELDS,
    ),
    Leak(
        "a photo with a shielded child shows after a yes",
        "services:_of_children",
        "stops = [*shielded, ",
        "stops = [",
        "tests/consent/test_shielded.py",
    ),
    Leak(
        "the uploader sees a shielded child",
        "ImageQuerySet.visible_to",
        "filter(seen, ~self._of_hidden_child(actor))",
        "filter(seen)",
        "tests/consent/test_shielded.py",
    ),
    Leak(
        "families of a shielded child are asked",
        "PurposeQuerySet.waiting_on",
        'return holders.exclude(child__in=Child.objects.shielded(now=now).values("pk"))',
        "return holders",
        "tests/consent/test_shielded.py",
    ),
    Leak(
        "anybody reports the people of a conversation",
        "reports:report_participant",
        "        access.demand(Thread.objects.visible_to(by).filter(pk=thread.pk).exists())\n",
        "",
        "tests/moderation/test_reports.py",
    ),
    Leak(
        "every case for the case officer",
        "LedQuerySet._leading",
        " & self._unled(actor.now)",
        "",
        "tests/moderation/test_left_cases.py tests/moderation/test_reports.py",
    ),
    Leak(
        "the case officer hides what nobody reported",
        "overseen",
        "actor.now) & Q(reported_at__isnull=False, school__in=schools",
        "actor.now) & Q(school__in=schools",
        "tests/moderation/test_left_cases.py",
    ),
    Leak(
        "the way to a hard copy for who may not open it",
        "shown_in",
        "DossierPiece.objects.visible_to(actor.wearing(Hat.ANY)).filter(pk=sealed",
        "DossierPiece.objects.filter(pk=sealed",
        "tests/moderation/test_left_cases.py",
    ),
    Leak(
        "the trail of every school",
        "TrailEventQuerySet.visible_to",
        "| restricting, school_uid__in=schools)",
        "| restricting)",
        "tests/moderation/test_trail.py",
    ),
    Leak(
        "the trail of a case against the reader",
        "TrailEventQuerySet.visible_to",
        'scoped = Q(subject_kind="case", subject_uid__in=cases.values("uid"))',
        'scoped = Q(subject_kind="case")',
        "tests/moderation/test_trail.py",
    ),
    Leak(
        "the trail of a hard copy that is not for the reader",
        "TrailEventQuerySet.visible_to",
        'subject_kind="dossier", subject_uid__in=_open_copies(actor).values("uid"))',
        'subject_kind="dossier")',
        "tests/moderation/test_trail.py",
    ),
    Leak(
        "when somebody signed in",
        "TrailEventQuerySet.visible_to",
        'Q(verb__startswith="restriction.")',
        '(Q(verb__startswith="restriction.") | Q(verb__startswith="account."))',
        "tests/moderation/test_trail.py",
    ),
    Leak(
        "who wrote to whom",
        "TrailEventQuerySet.visible_to",
        'Q(verb__startswith="restriction.")',
        '(Q(verb__startswith="restriction.") | Q(verb="message.written"))',
        "tests/moderation/test_trail.py",
    ),
    Leak(
        "a PDF from the dossier without a line in the trail",
        "print_copy",
        '    note("printed", entry, by=by, reading=str(reading.uid))\n',
        "",
        "tests/moderation/test_dossier_pdf.py",
    ),
    Leak(
        "a refused sign-in that names the address",
        "AccountAdapter.authentication_failed",
        'note_refusal(how="password", ',
        'note_refusal(how=credentials["email"], ',
        "tests/groups/test_account_trail.py",
    ),
    Leak(
        "a measure against the reader in the trail",
        "_own_family",
        "User.objects.filter(Q(pk=actor.user.pk) | Q(pk__in=with_me.values",
        "User.objects.filter(Q(pk__in=with_me.values",
        "tests/moderation/test_trail.py",
    ),
    _cards_without("a card in another reader's language", "language"),
    _cards_without("a card with the addresses of another hat", "hat"),
    _cards_without("a card that names groups one is not in", "entry.groups"),
    _cards_without("a card of an earlier version", "entry.post", "entry.post.uid"),
    _cards_without("a card of yesterday", "today"),
    Leak(
        "a card with what its first reader may do",
        "cards:_drawn",
        '"post": _card(post, group, groups, photos, hat),',
        '"post": _card(post, group, groups, photos, hat, may_hide=True), "actions": True, "hide_url": "verberg",',
        CARDS,
    ),
    Leak(
        "a card with its first reader's children",
        "cards_of",
        "        if entry.children not in kids:",
        "        kids = _drawn.__dict__.setdefault('kids', kids)\n"
        "        kids.setdefault(entry.post.pk, entry.children)\n"
        "        entry = entry._replace(children=kids[entry.post.pk])\n"
        "        if entry.children not in kids:",
        CARDS,
    ),
    Leak(
        "the frame in another reader's language",
        "drawn",
        'return _drawn(template, get_language() or "", tuple(facts.items()))',
        'return _drawn(template, "", tuple(facts.items()))',
        CARDS,
    ),
    Leak(
        "the feed forgets what may be read",
        "feed:_newest",
        "Post.objects.met_by(actor)",
        "Post.objects.all()",
        FEED,
    ),
    Leak(
        "photos in a list that were taken out again",
        "_posted",
        "Placement.objects.posted_to(actor).filter(writing__in",
        "Placement.objects.filter(writing__in",
        CARDS,
    ),
    Leak(
        "the rights of a page for whoever else is asked about",
        "held_by",
        ' and getattr(user, "pk", None) == held.user.pk',
        "",
        HELD,
    ),
    Leak(
        "the rights of a page at another moment",
        "held_by",
        "held and now == held.now and ",
        "held and ",
        HELD,
    ),
    Leak("the rights of a page after it", "held:holding", "        _held.reset(token)\n", "        pass\n", HELD),
    Leak(
        "the rights of a page for a form that is sent",
        "who_asks",
        "if request.method not in SAFE:\n            response = get_response(request)",
        (
            "if request.method not in SAFE:\n"
            "            with access.reading(request.actor):\n"
            "                response = get_response(request)"
        ),
        HELD,
    ),
    Leak(
        "the rights of a page in whichever hat",
        "in_slots",
        "for hat in (right.hat, ANY):",
        'for hat in ("family", "staff", ANY):',
        HELD,
    ),
    Leak(
        "a compiled question prefetches for whoever asked first",
        "_compile",
        " or queryset._prefetch_related_lookups",
        "",
        "tests/core/test_compiled.py",
    ),
    Leak(
        "a compiled question for another hat",
        "compiled",
        "*shape, *others)",
        "*shape)",
        "tests/core/test_compiled.py",
    ),
    Leak(
        "a compiled question for whoever asked first",
        "_as_param",
        "return value.pk",
        "return _statements.setdefault('first', value.pk)",
        "tests/core/test_compiled.py",
    ),
    Leak(
        "a rule that is frozen at the moment it was first asked",
        "_Moment.day",
        "year = month = day = hour = minute = property(_refuse)",
        "pass",
        "tests/core/test_compiled.py::test_a_question_that_looks_at_the_clock_is_refused",
    ),
    Leak(
        "a reader of whom more than the key is compiled",
        "_unlike",
        "return value.__class__.from_db(None, [value._meta.pk.attname], [number])",
        "return value.__class__(pk=number)",
        "tests/core/test_compiled.py::test_a_question_that_looks_at_the_reader_is_refused",
    ),
    Leak(
        "a dossier written anew without its key",
        "chain:first_broken",
        "return expected - 1 if expected > 1 and algorithm == PLAIN else None",
        "return None",
        "tests/core/test_dossier.py",
    ),
    Leak(
        "an entry of the dossier that says it is of before the key",
        "chain:_holds",
        "if link.algorithm < before or link.algorithm not in keys:",
        "if link.algorithm not in keys:",
        "tests/core/test_dossier.py",
    ),
    Leak(
        "a row of the trail that is replaced",
        "_keys",
        "for field in fields.values():\n        if field.unique:",
        "for field in fields.values():\n        if field.unique and not field.primary_key:",
        "tests/architecture/test_triggers.py",
    ),
    Leak(
        "anybody's files, on any page",
        "light_bodies",
        "request.user.is_authenticated and _takes_files",
        "request.user.is_authenticated or _takes_files",
        "tests/core/test_middleware.py",
    ),
    Leak(
        "children without their grant in the frame",
        "hats:_reasons",
        "own = Q(hat=Hat.FAMILY, guardianship__child__in=children)",
        "own = Q(hat=Hat.FAMILY, guardianship__isnull=False)",
        ONE_RULE,
    ),
    Leak(
        "the newest of each group, readable or not",
        "PostQuerySet.feed_page",
        'of_group = page.filter(group=OuterRef("pk"))',
        'of_group = self.model.objects.placed().filter(group=OuterRef("pk")).order_by("-published_at")',
        FEED,
        on_postgresql=True,
    ),
    Leak(
        "rights begin before their day",
        "MembershipQuerySet.in_force",
        "role__in=roles.roles_with(permission), valid_from__lte=now, **",
        "role__in=roles.roles_with(permission), **",
        RIGHTS,
    ),
    Leak(
        "rights last one moment too long",
        "MembershipQuerySet.in_force",
        '**{f"{until}__gt": now}',
        '**{f"{until}__gte": now}',
        PROPERTY,
    ),
    Leak(
        "every role may do everything",
        "MembershipQuerySet.in_force",
        "role__in=roles.roles_with(permission), ",
        "",
        RIGHTS,
    ),
    Leak(
        "without authority is admitted too",
        "querysets:ADMITTED",
        'ADMITTED = ("with_authority",',
        'ADMITTED = ("without_authority", "with_authority",',
        PROPERTY,
    ),
    Leak(
        "the directie decides for every school",
        "GuardianshipQuerySet.visible_to",
        "return self.filter(child__school__in=schools.directed_by(actor))",
        "return self.all()",
        ONE_RULE,
    ),
    Leak(
        "parents place messages",
        "ROLES",
        "Role.PARENT: frozenset({VIEW, REPLY})",
        "Role.PARENT: frozenset({VIEW, REPLY, PUBLISH})",
        PROPERTY + " " + MATRIX,
    ),
    Leak(
        "IT reads along as the directie",
        "roles_of_assignment",
        "    if role in OPERATORS:\n        return []",
        "    if role in OPERATORS:\n        return [Role.DIRECTIE]",
        "tests/groups/test_derivation.py",
    ),
    Leak(
        "the archive outlives the guardianship",
        "window",
        "min(year.archive_until, _end(lasting))",
        "year.archive_until",
        PROPERTY,
    ),
    Leak(
        "a superuser reads every letter",
        "User.has_perm",
        "return self.is_active and access.Backend().has_perm(self, perm, obj)",
        "return self.is_superuser or access.Backend().has_perm(self, perm, obj)",
        RIGHTS,
    ),
    Leak(
        "posts of every group",
        "PostQuerySet._standing",
        "return self.filter(readable, group__in=groups)",
        "return self.filter(readable)",
        ONE_RULE + " " + MATRIX,
    ),
    Leak(
        "hidden posts for everybody",
        "PostQuerySet._standing",
        'Q(state="hidden") & (Q(group__in=moderated) | mine)',
        'Q(state="hidden")',
        MATRIX,
    ),
    Leak(
        "what was said to the teacher, for all",
        "ReplyQuerySet._standing",
        "self.filter(shown, Q(to_staff=False) | confided, post__in=posts)",
        "self.filter(shown, post__in=posts)",
        MATRIX,
    ),
    Leak(
        "hidden replies for everybody",
        "ReplyQuerySet._standing",
        'Q(state="hidden") & (Q(post__group__in=moderated) | mine)',
        'Q(state="hidden")',
        MATRIX,
    ),
    Leak(
        "placing without asking",
        "publish_post",
        "access.demand(_may_publish_in(chosen, by))",
        "pass",
        ONE_RULE,
    ),
    Leak(
        "any adult takes anything down",
        "_post_rules",
        "state__in=PLACED, group__in=GroupGrant.objects.of(actor, MODERATE))",
        "state__in=PLACED)",
        MATRIX,
    ),
    Leak(
        "readers sit in conversations",
        "GuardianshipQuerySet.talking",
        'level__in=("with_authority", "daily_carer"))',
        'level__in=("with_authority", "daily_carer", "admitted_reader"))',
        OVER_TIME,
    ),
    Leak(
        "every colleague of the group reads along",
        "comings",
        "max(task.start, task.given) > first[thread, task.group]",
        "True",
        OVER_TIME,
    ),
    Leak(
        "who directs gives herself a chair",
        "comings",
        "if runs_it or (",
        "if (",
        NEWCOMERS,
    ),
    Leak(
        "who becomes the directie keeps the chair of a task",
        "seats:_of_staff",
        "same_person = by_user[chair.user] if chair.user else by_staff[chair.staff]",
        "same_person = []",
        NEWCOMERS,
    ),
    Leak(
        "somebody comes without a line",
        "newcomers:_write",
        "    note_chairs(StepKind.ARRIVED, chairs, school=school, by=by)",
        "    chairs = list(chairs)",
        NEWCOMERS,
    ),
    Leak(
        "somebody hands over what he does not read",
        "services.joining:hand_over",
        "        from_then = _reads_from(current, by)",
        "        from_then = current.created_at",
        "tests/messaging/test_joining.py",
    ),
    Leak(
        "the directie opens it on the first day",
        "open_earlier",
        " if _is_due(one, school, by.now)]",
        "]",
        "tests/messaging/test_joining.py",
    ),
    Leak(
        "who caring daily decides",
        "ChildQuerySet.parented_by",
        'actor.user.pk, level="with_authority", child=OuterRef',
        "actor.user.pk, child=OuterRef",
        "tests/messaging/test_daily_carer.py",
    ),
    Leak(
        "messages of every conversation",
        "MessageQuerySet.visible_to",
        "return self._said_to(actor).filter(state",
        "return self.filter(state",
        MATRIX,
    ),
    Leak(
        "anybody starts with anybody",
        "start_thread",
        "access.demand(_may_start(child, caregivers, staff, teachers, by=by))",
        "pass",
        "tests/messaging/test_threads_service.py",
    ),
    Leak(
        "mail to who is no longer in the conversation",
        "mail.conversations:_news",
        "        and (reader.pk, message.pk, bundle.hat) in reading.messages\n",
        "",
        "tests/messaging/test_talk_mail.py",
    ),
    Leak(
        "a copy of the mail for others",
        "one_recipient_only",
        "len(message.to) != 1 or message.cc or message.bcc",
        "not message.to",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "mail to somebody who may not see it any more",
        "Delivery._treat",
        "        if isinstance(answer, Withheld):",
        "        if isinstance(answer, Withheld) and answer.reason == 'never':",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a newsletter with the staff's messages",
        "posts:_readers",
        "return rights.filter(hat=hat) if hat else rights",
        "return rights",
        EDITIONS,
    ),
    Leak(
        "a newsletter to who has no right any more",
        "LetterQuerySet.visible_pairs",
        "self.filter(group__grants__in=readers)",
        "self.filter(group__grants__user__in=users)",
        EDITIONS,
    ),
    Leak(
        "messages of after the cut twice",
        "LetterQuerySet.in_window",
        "            published_at__lte=edition.cut_at,\n",
        "",
        EDITIONS,
    ),
    Leak(
        "titles only, and still the texts",
        "Composer._text",
        '"titles_only": self._school.digest_titles_only',
        '"titles_only": False',
        EDITIONS,
    ),
    Leak(
        "a row that another worker holds",
        "_TURN",
        " AND claim = %(claim)s\n",
        "\n",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a header that a name brings along",
        "mime:_folded",
        "    if _CONTROL.search(value):\n",
        "    if not value:\n",
        "tests/core/test_mime.py",
    ),
    Leak(
        "a newsletter twice after doubt",
        "Delivery._lost_the_line",
        "elif kind_of(item.kind).newsletter or item.was_uncertain:",
        "elif item.was_uncertain:",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "no doubt about a line that was cut",
        "_answer_of",
        "MailOutcome.UNCERTAIN if handed_over else MailOutcome.CUT_OFF",
        "MailOutcome.CUT_OFF",
        "tests/core/test_outbox.py",
    ),
    Leak(
        "a link scanner stops the mails",
        "unsubscribe",
        'if request.method == "POST":\n        choose_way(user=subscription.user',
        "if request.method:\n        choose_way(user=subscription.user",
        "tests/groups/test_contact_choice.py",
    ),
    Leak(
        "pages that a shared cache may keep",
        "private_responses",
        '"private, no-store"',
        '"public, max-age=600"',
        "tests/core/test_middleware.py",
    ),
    Leak(
        "another school's roster files open",
        "RosterUploadQuerySet.directed_by",
        "return self.filter(school__in=self.model.school.field.related_model.objects.directed_by(actor))",
        "return self.all()",
        ROSTER,
    ),
    Leak(
        "an import applies what nobody looked at",
        "import_roster",
        "if order.shown and order.shown != fingerprint_of(plan):",
        "if order.shown and not fingerprint_of(plan):",
        ROSTER,
    ),
    Leak(
        "the school's export stays on the disk",
        "_apply",
        "state=UploadState.APPLIED, outcome=outcome, settled_at=now)\n    remove_files(upload)",
        "state=UploadState.APPLIED, outcome=outcome, settled_at=now)",
        ROSTER,
    ),
    Leak(
        "photos of every post",
        "PlacementQuerySet.posted_to",
        ".filter(readable, removed_at__isnull=True)",
        ".filter(removed_at__isnull=True)",
        ONE_RULE + " " + MATRIX,
    ),
    Leak(
        "photos that were taken out again",
        "PlacementQuerySet.posted_to",
        ".filter(readable, removed_at__isnull=True)",
        ".filter(readable)",
        PHOTOS,
    ),
    Leak(
        "everybody's uploads",
        "ImageQuerySet.visible_to",
        "lying = Q(uploaded_by=actor.user.pk) & ~Exists(here",
        "lying = ~Exists(here",
        PHOTOS,
    ),
    Leak(
        "an upload stays its uploader's",
        "ImageQuerySet.visible_to",
        "actor.user.pk) & ~Exists(here)",
        "actor.user.pk)",
        PHOTOS,
    ),
    Leak(
        "photos of every conversation",
        "PlacementQuerySet.said_to",
        "return self.clear_of_others().filter(removed_at__isnull=True, writing__in=messages)",
        "return self.clear_of_others().filter(removed_at__isnull=True)",
        TALK_PHOTOS,
    ),
    Leak(
        "photos of a message that was taken back",
        "MessageQuerySet.visible_to",
        'self._said_to(actor).filter(state="published")',
        "self._said_to(actor)",
        TALK_PHOTOS,
    ),
    Leak(
        "a conversation's photos in either hat",
        "PlacementQuerySet.said_to",
        "self._messages().visible_to(actor)",
        "self._messages().visible_to(actor.wearing(Hat.ANY))",
        TALK_PHOTOS + " " + ONE_RULE,
    ),
    Leak(
        "anybody fills the disk",
        "upload_images",
        "access.demand(can_upload(by, school))",
        "pass",
        ONE_RULE,
    ),
    Leak(
        "a photo about anybody's child",
        "upload_talk_photo",
        "Child.objects.discussed_by(request.actor.wearing(hat)).select_related",
        "Child.objects.select_related",
        TALK_PHOTOS,
    ),
    Leak(
        "what others said, by its address",
        "visible_message",
        "Message.objects.visible_to(request.actor.wearing(hat))",
        "Message.objects.all()",
        "tests/messaging/test_talk_pages.py",
    ),
    Leak(
        "a teacher's holiday is told to parents",
        "read_by",
        "next_reading_moment(chair.hours, seen_at, off) <= now",
        "next_reading_moment(chair.hours, seen_at, []) <= now",
        "tests/messaging/test_talk_pages.py",
    ),
    Leak(
        "a key found on a table opens the school",
        "_sound_passkey",
        "if signed is not None and not _knew_its_owner(signed):",
        "if signed is not None and not signed:",
        PASSKEYS,
    ),
    Leak(
        "somebody else's photo in my message",
        "ImageQuerySet.placeable_by",
        "return self.filter(uploaded_by=user.pk).filter(~Exists(self._placements()))",
        "return self.all()",
        PHOTOS,
    ),
    Leak(
        "somebody else's photo that waits",
        "ImageQuerySet.placeable_by UploadQuerySet.sent_by",
        "return self.filter(uploaded_by=user.pk)",
        "return self.all()",
        UPLOADS,
    ),
    Leak(
        "a right that ended while the photo waited",
        "_still_allowed",
        "return [upload for upload in uploads if may(upload.school, upload.hat)]",
        "return list(uploads)",
        UPLOADS,
    ),
    Leak(
        "the original of a photo stays on disk",
        "images:_settle",
        "            storage.forget(key)\n    storage.forget_waiting(upload.key)",
        "            storage.forget(key)",
        UPLOADS,
    ),
    Leak(
        "everybody decodes at once",
        "_takes",
        "return DecodingTurn.objects.filter(token=wanted.token).exists()",
        "return True",
        "tests/media/test_turns.py",
    ),
    Leak(
        "a mail that does not say as whom somebody wrote",
        "Composer._head",
        '"author": post.byline,',
        '"author": post.author_name,',
        EDITIONS,
    ),
    Leak(
        "bytes without asking the door",
        "_stored",
        "Image.objects.visible_to(actor.wearing(Hat.ANY)).filter(uid=uid",
        "Image.objects.filter(uid=uid",
        "tests/messaging/test_photo_pages.py",
    ),
    Leak(
        "photos that a shared cache may keep",
        "serving:HEADERS",
        '"private, no-cache"',
        '"public, max-age=86400"',
        "tests/messaging/test_photo_pages.py",
    ),
    Leak(
        "a note inside each photo",
        "_saved",
        'exif=b"", icc_profile=None, **options',
        'comment=b"made by", **options',
        "tests/media/test_corpus.py",
    ),
    Leak(
        "the other parent's answer stands on the own page",
        "_without_others",
        "is_shown=False if said_no else None",
        "is_shown=choice.is_shown",
        CHOICES,
    ),
    Leak(
        "the other parent's answers are mine",
        "DecisionQuerySet.made_by",
        "return self.alive().filter(Q(caregiver__user=user.pk) | in_person)",
        "return self.alive()",
        CHOICES,
    ),
    Leak(
        "somebody else's answers in my receipt",
        "answers.mail:render_receipts",
        "if one.recorded_by_id == row.recipient_id and end - SLOT",
        "if end - SLOT",
        CONSENT_MAIL,
    ),
    Leak(
        "a receipt about a child that is no longer theirs",
        "mail:_chosen",
        "if row.caregiver_id is None or (row.recorded_by_id, row.child_id) in theirs",
        "if row.pk",
        CONSENT_MAIL,
    ),
    Leak(
        "a reader who was let in chooses too",
        "children_cards",
        "Child.objects.parented_by(actor",
        "Child.objects.visible_to(actor",
        CHOICES,
    ),
    Leak(
        "a reader who was let in decides",
        "can_decide_for",
        "Child.objects.parented_by(actor).filter(young",
        "Child.objects.visible_to(actor.wearing(Hat.ANY)).filter(young",
        CONSENT_RULE,
    ),
    Leak(
        "parents decide after the 16th birthday",
        "can_decide_for",
        "Child.objects.parented_by(actor).filter(young), child, actor.now",
        "Child.objects.parented_by(actor), child, actor.now",
        DECIDING,
    ),
    Leak(
        "a pupil decides for another one",
        "can_decide_as_pupil",
        "Child.objects.filter(grown, user=actor.user.pk), child, actor.now",
        "Child.objects.filter(grown), child, actor.now",
        DECIDING,
    ),
    Leak(
        "an answer to words that nobody read",
        "decisions:_keep",
        "    _demand_present_words(answers)\n",
        "",
        CHOICES,
    ),
    Leak(
        "a school asks adults of another school",
        "can_decide_for_self",
        "actor.user.pk, group__school=school)",
        "actor.user.pk)",
        DECIDING,
    ),
    Leak(
        "any photo is blurred by anybody",
        "can_blur",
        'return permits(actor, "blurrable_by", image)',
        "return True",
        BLURRING,
    ),
    Leak(
        "a right to blur that ended while the photo was looked at",
        "_still_the_same",
        "    access.demand(can_blur(by, current))\n",
        "",
        BLURRING,
    ),
    Leak(
        "the photo as it was stays on disk",
        "_point_to",
        "transaction.on_commit(partial(storage.forget, old))",
        "transaction.on_commit(partial(storage.has, old, 'webp', 400))",
        BLURRING,
    ),
    Leak(
        "a face under a veil",
        "_covered",
        "    image.paste(COVER, mask=under)\n",
        "",
        "tests/media/test_blur.py",
    ),
    Leak(
        "a rim of the face beside the spot",
        "_draw",
        "draw.ellipse(_box(x + across * math.cos(turn), y + down * math.sin(turn), REACH, REACH), fill=255)",
        "pass",
        "tests/media/test_blur.py",
    ),
]

GATE = "tests/messaging/test_gate_service.py"
GATE_PAGES = "tests/messaging/test_gate_pages.py"
NAMES_GATE = "tests/messaging/test_names_gate.py"

LEAKS += [
    Leak(
        "a photo with somebody who may not be shown, placed",
        "check_marks",
        "if unclear or barred or spared:",
        "if unclear or spared:",
        GATE,
    ),
    Leak(
        "a photo that says nothing while somebody is spared",
        "check_marks",
        "if unclear or barred or spared:",
        "if unclear or barred:",
        GATE,
    ),
    Leak(
        "a mark that names nobody passes as nobody recognisable",
        "check_marks",
        "if unclear or barred or spared:",
        "if barred or spared:",
        GATE,
    ),
    Leak(
        "a child of another school in a mark",
        "people_named",
        "children.filter(uid__in=uids, school=school)",
        "children.filter(uid__in=uids)",
        GATE_PAGES,
    ),
    Leak(
        "a retired purpose is a way back to the declaration",
        "has_begun",
        "Purpose.objects.filter(key=IMAGES, school__in",
        "Purpose.objects.filter(key=IMAGES, retired_at=None, school__in",
        GATE,
    ),
    Leak(
        "names of children for a parent in the council",
        "gate_of",
        "    if by.hat != Hat.STAFF or not",
        "    if not",
        GATE,
    ),
    Leak(
        "names of children before a photo is there",
        "_may_look_at_one",
        "filter(uid__in=photos).exists() if photos else False",
        "exists() or True",
        GATE,
    ),
    Leak(
        "names of children whom the writer does not serve",
        "gate_of",
        "people = _served_by(by, everybody, children=known)",
        "people = everybody",
        GATE,
    ),
    Leak(
        "whether a child that was looked up may be shown",
        "gate_of",
        "found=_only_names(",
        "found=list(",
        GATE,
    ),
    Leak(
        "one letter finds everybody",
        "FEWEST_LETTERS",
        "FEWEST_LETTERS, MOST_FOUND = 2, 10",
        "FEWEST_LETTERS, MOST_FOUND = 1, 10",
        GATE,
    ),
    Leak(
        "staff without an answer are shown",
        "people_in",
        "return _told_apart(_children(here, now) + _staff(_serving(groups, now), now))",
        "return _told_apart(_children(here, now))",
        GATE,
    ),
    Leak(
        "only the first group of a message is asked about",
        "place_images",
        "declaration = check_marks(chosen, new=images, groups=groups, ",
        "declaration = check_marks(chosen, new=images, groups=groups[:1], ",
        GATE,
    ),
    Leak(
        "a new photo in an old message passes unasked",
        "change_images",
        "declaration = check_marks(chosen, new=coming, changed=changed,",
        "declaration = check_marks(chosen, new=set(), changed=changed,",
        GATE,
    ),
    Leak(
        "somebody who may not be shown, marked afterwards",
        "change_images",
        "declaration = check_marks(chosen, new=coming, changed=changed,",
        "declaration = check_marks(chosen, new=coming,",
        GATE,
    ),
    Leak(
        "a photo in a conversation about anybody",
        "place_in_message",
        "    if not declared:\n        raise NotDeclaredError\n",
        "",
        GATE,
    ),
    Leak(
        "marks that are not kept",
        "keep_marks",
        "    keep_depictions(on_it, by=by)\n",
        "",
        GATE,
    ),
    Leak(
        "names of children without a yes",
        "names_to_spare",
        'children.filter(~Clearance.objects.shows_child(NAMES, child="pk", now=now))',
        'children.filter(Clearance.objects.refuses_child(NAMES, child="pk", now=now))',
        NAMES_GATE,
    ),
    Leak(
        "names in the words of a photo",
        "posts:words_of",
        'return [content["title"], content["text"], *(picture.alt for picture in pictures)]',
        'return [content["title"], content["text"]]',
        NAMES_GATE,
    ),
    Leak(
        "one word let through lets all names through",
        "check_names",
        "for name in names if name not in passed]",
        "for name in names if not passed]",
        NAMES_GATE,
    ),
    Leak(
        "any directie rewrites any school's texts",
        "texts:_held",
        "access.demand(can_direct(by, purpose.school))",
        "pass",
        ASKING,
    ),
    Leak(
        "any colleague opens the yearly round",
        "open_round",
        "access.demand(can_direct(by, school))",
        "pass",
        ASKING,
    ),
    Leak(
        "any directie reads any school's purposes",
        "places:place_of",
        'School.objects.directed_by(request.actor).order_by("name',
        'School.objects.filter(pk__gt=0).order_by("name',
        MATRIX,
    ),
    Leak(
        "anybody says that a child would rather not",
        "reluctance:_hold",
        "access.demand(can_speak_for(by, child))",
        "pass",
        SPEAKING,
    ),
    Leak(
        "a child that would rather not stands among those who may",
        "sight_of",
        "shown=[line for line in lines if line.verdicts[0] == Verdict.SHOWN]",
        "shown=[line for line in lines if line.verdicts[0] != Verdict.UNANSWERED]",
        SCHOOLS_CONSENT,
    ),
    Leak(
        "silence counts as a yes while photographing",
        "sight_of",
        "hidden=[line for line in lines if line.verdicts[0] != Verdict.SHOWN]",
        "hidden=[line for line in lines if line.verdicts[0] == Verdict.REFUSED]",
        SCHOOLS_CONSENT,
    ),
    Leak(
        "a cell of the list that a spreadsheet runs",
        "sheets:_plain",
        'return f"\'{cell}" if cell.startswith(FORMULA) else cell',
        "return cell",
        SCHOOLS_CONSENT,
    ),
    Leak(
        "scans of every school",
        "PaperFormQuerySet.directed_by",
        "self.filter(school__in=School.objects.directed_by(actor))",
        "self.filter(pk__gt=0)",
        PAPER,
    ),
    Leak(
        "scans about the own family",
        "PaperFormQuerySet.directed_by",
        (
            "here.filter(\n"
            "            Q(child__in=Child.objects.of_others(actor)) | Q(adult__isnull=False) & "
            "~Q(adult=actor.user.pk)\n"
            "        )"
        ),
        "here.filter(Q(child__isnull=False) | Q(adult__isnull=False) & ~Q(adult=actor.user.pk))",
        PAPER,
    ),
    Leak(
        "signatures that a cache may keep",
        "paper:HEADERS",
        '"private, no-store"',
        '"public, max-age=86400"',
        PAPER,
    ),
    Leak(
        "the signature of somebody without authority",
        "_demand",
        "has_say = signed.caregiver in ({None} if decides_alone(signed.child.birth_on, now=by.now) else signers)",
        "has_say = signed.caregiver is not None or decides_alone(signed.child.birth_on, now=by.now)",
        PAPER,
    ),
    Leak(
        "an old paper overrules today's no",
        "_demand",
        "    if since := _answered_since(signed):",
        "    if since := []:",
        PAPER,
    ),
]

REVIEW = "tests/messaging/test_review.py"
WAYS_OUT = "tests/messaging/test_ways_out.py"

LEAKS += [
    Leak(
        "photos that wait, for everybody in the group",
        "ReviewQuerySet._read_by",
        "return self.filter(writing__in=posts, writing__group__in=groups)",
        "return self.filter(writing__in=posts)",
        ONE_RULE,
    ),
    Leak(
        "what has to be judged of every school",
        "ReviewQuerySet._read_by",
        "return self.filter(writing__in=posts, writing__group__in=groups)",
        "return self.all()",
        REVIEW,
    ),
    Leak(
        "anybody says that a child is not on it",
        "deny_depiction",
        "access.demand(can_review(by, group))",
        "pass",
        REVIEW,
    ),
    Leak(
        "one look brings back what waits for another child",
        "ReviewQuerySet.doubts_about",
        'depicted = self._depictions().filter(image=OuterRef("photo"), child=OuterRef("child"))',
        'depicted = self._depictions().filter(image=OuterRef("photo"))',
        REVIEW,
    ),
    Leak(
        "an old form brings photos back",
        "judge_photos",
        "doubtful = here.doubtful_for(by).filter(about=child.pk, image__uid__in",
        "doubtful = here.filter(image__uid__in",
        REVIEW,
    ),
    Leak(
        "who did not see the child wins",
        "judging:_mark",
        "    return bool(Depiction.objects.filter(pk=mark.pk).update(**values))",
        "    return False",
        REVIEW,
    ),
    Leak(
        "a kept card with a photo that a no took away",
        "cards_of",
        f"card = _drawn({', '.join(_DRAWN_FROM)})",
        _card_found_by(*[fact for fact in _DRAWN_FROM if fact != "entry.photos"]).replace(
            "entry.post,", "entry.post.uid,"
        ),
        WAYS_OUT,
    ),
    Leak(
        "a copy of what is away",
        "ImageQuerySet.downloadable_by",
        "return self.filter(standing, school__consent_rules__may_download=True)",
        "return self.filter(Exists(here), school__consent_rules__may_download=True)",
        "tests/messaging/test_large_view.py",
    ),
    Leak(
        "a copy where the school keeps it to looking",
        "ImageQuerySet.downloadable_by",
        "return self.filter(standing, school__consent_rules__may_download=True)",
        "return self.filter(standing)",
        "tests/messaging/test_large_view.py",
    ),
    Leak(
        "parents read whose photos are checked",
        "templates/_components/post_card.html",
        '{% translate "Photos are being checked." %}',
        '{% translate "Photos are being checked." %} Noor',
        WAYS_OUT,
    ),
    Leak(
        "a receipt for who lost authority",
        "mail:_reading",
        "if himself or decision.child_id in own:",
        "if decision:",
        "tests/messaging/test_refusals.py",
    ),
    Leak(
        "a receipt with the child in its subject",
        "photos.mail:_mail",
        'subject=_("Photos are not shown any more")',
        'subject=_("Photos are not shown any more") + context["child"]',
        "tests/messaging/test_refusals.py",
    ),
]

CONSENT = "tests/consent/test_table.py"
CONSENT_PLACES = "tests/consent/test_places.py"
WORLDS = "tests/consent/test_worlds.py"
OVER_TIME = "tests/consent/test_clearing.py"
FOLLOWS = "tests/consent/test_clearances.py"
_FOLLOWS_SCHOOL = "            access.reproject(school=row.school, only=Clearance)\n"

LEAKS += [
    Leak("an answer that was taken back", "allowed", "lambda one: one.number)", "lambda one: -one.number)", CONSENT),
    Leak(
        "a parent's yes over the child's own no",
        "allowed",
        "deciders = {SELF} if SELF in latest else set(holders)",
        "deciders = set(holders) or {SELF}",
        CONSENT,
    ),
    Leak("a yes of somebody without authority", "services:_holders", ', level="with_authority")', ")", CONSENT),
    Leak(
        "a yes of somebody whose authority ended",
        "clearing:_holds",
        " and (span.end is None or now < span.end)",
        "",
        CONSENT,
    ),
    Leak("a yes of somebody whose authority is to come", "clearing:_holds", "span.start <= now and ", "", CONSENT),
    Leak("a yes that lapsed with the round", "Closing.ends", "asked_again = self.lapses or", "asked_again =", CONSENT),
    Leak("a yes to older words", "Closing.ends", " or answer.text_version < self.text_version", "", CONSENT),
    Leak("one yes where all have to say it", "allowed", "if requires_all else True", "if False else True", CONSENT),
    Leak(
        "a yes beside a no",
        "allowed",
        "if reluctant or any(answer.says == Says.NO for answer in counting)",
        "if reluctant",
        CONSENT,
    ),
    Leak(
        "a child that rather not is shown",
        "services:_of_children",
        "*(reluctant if key in PICTURED else ())",
        "",
        CONSENT,
    ),
    Leak(
        "a purpose that was retired still shows",
        "services:_asked",
        "Purpose.objects.filter(retired_at__isnull=True)",
        "Purpose.objects.all()",
        WORLDS,
    ),
    Leak(
        "an adult's yes at another school",
        "ClearanceQuerySet.shows_adult",
        "shown.filter(adult=OuterRef(adult), school=OuterRef(school))",
        "shown.filter(adult=OuterRef(adult))",
        WORLDS,
    ),
    Leak(
        "an adult who took it back",
        "services:_of_adults",
        "answers=answers.get(subject, []))",
        "answers=answers.get(subject, [])[:1])",
        WORLDS,
    ),
    Leak(
        "no list of who was refused",
        "ClearanceQuerySet.refused_children",
        "return Child.objects.filter(refused,",
        "return Child.objects.none().filter(refused,",
        CONSENT,
    ),
    Leak(
        "a clearance at another moment than now",
        "ClearanceQuerySet.said",
        "return self.filter(active_at(now))",
        "return self.all()",
        WORLDS,
    ),
    Leak("a refusal that is shown", "ClearanceQuerySet.in_force", "key=key, is_shown=is_shown", "key=key", WORLDS),
    Leak(
        "a clearance outlives its round",
        "_breaks",
        "        yield from (closing.closed_at for closing in question.closings)\n",
        "        yield from ()\n",
        OVER_TIME,
    ),
    Leak(
        "a clearance outlives the authority of who gave it",
        "_breaks",
        "for span in (*refusing, *(span for spans in holders.values() for span in spans)):",
        "for span in refusing:",
        OVER_TIME,
    ),
    Leak(
        "a yes by letter counts from its beginning on",
        "_breaks",
        "    yield from (answer.stands_from for answer in answers if answer.stands_from not in (None, NEVER))\n",
        "",
        OVER_TIME,
    ),
    Leak(
        "a no and nothing follows",
        "decisions:_keep",
        "        clear(school, **about)\n",
        "",
        FOLLOWS,
    ),
    Leak(
        "a no on paper and nothing follows",
        "services:record_paper",
        "            clear(signed.school, **signed.about)\n",
        "",
        FOLLOWS,
    ),
    Leak(
        "liever niet and nothing follows",
        "note_reluctance",
        '        _note("noted", noted, child, by)\n        clear(child.school, child=child)\n',
        '        _note("noted", noted, child, by)\n',
        FOLLOWS,
    ),
    Leak(
        "a shield and nothing follows",
        "shield_child",
        '        access.reproject(school=child.school, children=[child.pk])\n        audit.note("child.shielded"',
        '        audit.note("child.shielded"',
        FOLLOWS,
    ),
    Leak(
        "authority ends and the yes stays",
        "guardianships:_follow",
        ", children=[guardianship.child_id])",
        ")",
        FOLLOWS,
    ),
    Leak(
        "a round is closed and the yes stays",
        "close_round",
        _FOLLOWS_SCHOOL,
        "",
        FOLLOWS,
    ),
    Leak(
        "a purpose is retired and still shows",
        "retire_purpose",
        'verb="retired")\n' + _FOLLOWS_SCHOOL,
        'verb="retired")\n',
        FOLLOWS,
    ),
    Leak(
        "everybody has to say yes and one stays enough",
        "require_everybody",
        "        if others:\n            access.reproject(school=school, only=Clearance)\n",
        "",
        FOLLOWS,
    ),
    Leak(
        "where a purpose stands on consent again nothing follows",
        "change_purpose",
        "fields=sorted(changed))\n" + _FOLLOWS_SCHOOL,
        "fields=sorted(changed))\n",
        FOLLOWS,
    ),
    Leak(
        "the yes of who was somebody else stays, for the reach is too short",
        "reach",
        "frozenset({*held, *answered})",
        "frozenset(held)",
        FOLLOWS,
    ),
    Leak(
        "photos with whoever is marked",
        "PlacementQuerySet.clear_of_marks",
        "filter(barred__isnull=True)",
        "all()",
        CONSENT_PLACES,
    ),
    Leak(
        "photos without marks after a no",
        "PlacementQuerySet.clear_of_doubt",
        "Q(doubted__isnull=True)",
        "Q(pk__gt=0)",
        CONSENT_PLACES,
    ),
    Leak(
        "a photo of two groups hides in one",
        "PlacementQuerySet.clear_of_doubt",
        '.filter(photo=OuterRef("image"))',
        '.filter(photo=OuterRef("image"), group=OuterRef("post__group"))',
        CONSENT_PLACES,
    ),
    Leak(
        "who left the group since is not spared",
        "ReviewQuerySet.doubts_about",
        'present = Q(valid_until__isnull=True) | Q(valid_until__gt=F("since"))',
        "present = Q(valid_until__isnull=True)",
        CONSENT_PLACES,
    ),
    Leak(
        "photos that nobody looked through for this child",
        "ReviewQuerySet.doubts_about",
        'depicted = self._depictions().filter(image=OuterRef("photo"), child=OuterRef("child"))',
        'depicted = self._depictions().filter(image=OuterRef("photo"))',
        CONSENT_PLACES,
    ),
    Leak(
        "somebody else's child in a conversation",
        "PlacementQuerySet.clear_of_others",
        "filter(writing__thread__isnull=False, others__isnull=True)",
        "filter(writing__thread__isnull=False)",
        "tests/consent/test_worlds.py",
    ),
    Leak(
        "a photo on which a child would rather not be",
        "DepictionQuerySet.barring",
        "Q(is_reluctant=True) | child",
        "child",
        "tests/messaging/test_rather_not.py",
    ),
    Leak(
        "a teacher brings back photos of the own child",
        "can_judge_about",
        "known.exists() and not is_own_child(actor, child)",
        "known.exists()",
        "tests/messaging/test_rather_not.py",
    ),
    Leak(
        "one writes about a child of another group",
        "rather_not:_held",
        "    access.demand(child in children_to_hear(group, image, actor=by))\n",
        "",
        "tests/messaging/test_rather_not.py",
    ),
    Leak(
        "the directie types over the own form",
        "can_record_paper_of",
        "actor, school) and actor.user.pk != adult.pk",
        "actor, school)",
        "tests/consent/test_paper_of_adults.py",
    ),
    Leak(
        "a form of somebody who is nobody at the school",
        "_demand",
        "has_say = can_decide_for_self(Actor(signed.adult, Hat.ANY, by.now), signed.school)",
        "has_say = True",
        "tests/consent/test_paper_of_adults.py",
    ),
]

# Removal and the dossier
REMOVAL = "tests/messaging/test_removal.py"
REMOVING = "tests/messaging/test_removing_pages.py"
DOSSIER = "tests/moderation/test_dossier_pages.py"

LEAKS += [
    Leak(
        "a removed text stays in its row",
        "_empty",
        'gone |= {"text": "", "html": "", "title": "", "written_together": None}',
        'gone |= {"written_together": None}',
        REMOVAL,
    ),
    Leak(
        "a state changes without anybody asked",
        "transitions:holding",
        "        access.demand(may(by, current))\n",
        "",
        "tests/messaging/test_handins.py",
    ),
    Leak(
        "the change of a state leaves no line in the trail",
        "move",
        '    audit.note(verb, row, by=by, subject_kind="", **(facts or {}))\n',
        "",
        "tests/messaging/test_posts_service.py tests/moderation/test_cases.py",
    ),
    Leak(
        "each kind of writing finds the others too",
        "_of_kind",
        ".filter(kind=self.model.of_kind)",
        ".all()",
        "tests/messaging/test_writings.py",
    ),
    Leak(
        "a post where a reply may not be",
        "Writing.from_db",
        'of_kind = cls.kinds[dict(zip(field_names, values, strict=False))["kind"]]',
        'of_kind = cls.kinds["post"]',
        "tests/messaging/test_writings.py",
    ),
    Leak(
        "gone before its copy is sealed",
        "_seal_and_let_go",
        "        entry = dossier.seal(prepared.copy",
        "        type(current)._default_manager.filter(pk=current.pk).update(retracted_at=by.now)\n"
        "    with transaction.atomic():\n"
        "        entry = dossier.seal(prepared.copy",
        REMOVAL,
    ),
    Leak(
        "a copy of what stood there before",
        "_seal_and_let_go",
        "if standing(current) != prepared.stood:",
        "if standing(current) is None:",
        REMOVAL,
    ),
    Leak(
        "a copy without what nobody could read in full",
        "_copy_of",
        "versions=() if is_photo else tuple(_versions(written)),",
        "versions=(),",
        REMOVAL,
    ),
    Leak(
        "what was taken back under report leaves no copy",
        "retract_written",
        "if current.reported_at is None:\n            move",
        "if current.state:\n            move",
        REMOVAL,
    ),
    Leak(
        "who moderates a group removes in any",
        "removable_texts",
        "return _moderated(actor.wearing(Hat.STAFF), group) | _overseen_standing(actor.wearing(Hat.STAFF))",
        "return Q(state__in=PLACED)",
        REMOVAL,
    ),
    Leak(
        "the directie removes what nobody reported in a conversation",
        "MessageQuerySet._removing",
        "Q(reported_at__isnull=False, school__in=directed) |",
        "Q(school__in=directed) |",
        REMOVING,
    ),
    Leak(
        "a removed photo comes back with the next edit",
        "ImageQuerySet.placed_together_with",
        "return self.filter(Exists(here), ~Exists(removed))",
        "return self.filter(Exists(here))",
        REMOVAL,
    ),
    Leak(
        "the place of an answer to the teacher is shown to all",
        "ReplyQuerySet._standing",
        "return self.filter(shown, Q(to_staff=False) | confided, post__in=posts)",
        "return self.filter(shown, Q(to_staff=False) | confided | Q(state='removed'), post__in=posts)",
        REMOVING,
    ),
    Leak(
        "the directie reads the copy of its own words",
        "_readable_by",
        "Q(school_uid__in=directed) & ~theirs",
        "Q(school_uid__in=directed)",
        DOSSIER,
    ),
    Leak(
        "somebody else's reading opens the copy",
        "DossierReadingQuerySet.open_to",
        "self.filter(reader=actor.user.pk, read_at__gt=actor.now",
        "self.filter(read_at__gt=actor.now",
        DOSSIER,
    ),
    Leak(
        "one person destroys a copy",
        "confirm_destruction",
        "if current.proposed_by_id == by.user.pk:",
        "if current.proposed_by_id is None:",
        DOSSIER,
    ),
    Leak(
        "a copy is read without a trace",
        "open_copy open_copies",
        '        note("read", piece, by=by, reading=str(reading.uid))\n',
        "",
        DOSSIER,
    ),
]

# The directie in a conversation, and drafts handed in
DIRECTIE = "tests/messaging/test_directie.py"
SEATS = "tests/messaging/test_seats.py"

LEAKS += [
    Leak(
        "the directie reads from before the second it was asked",
        "seats:_reasons",
        "held = both(chair.span, task.span)",
        "held = task.span",
        DIRECTIE,
    ),
    Leak(
        "who is no longer the directie reads on",
        "SeatQuerySet.held",
        "return self.filter(active_at(now), side=side)",
        "return self.filter(side=side, valid_from__lte=now)",
        DIRECTIE,
    ),
    Leak(
        "a new directie comes without a chair of her own",
        "newcomers:_tasks",
        "return [SeatTask(*row) for row in rows.order_by",
        "return [SeatTask(*row) for row in rows.exclude(group=None).order_by",
        DIRECTIE,
    ),
    Leak(
        "a directie reads without a name above the conversation",
        "chairs:_of_school",
        "seats.of_staff(now=now) | seats.of_directie(now=now)",
        "seats.of_staff(now=now)",
        DIRECTIE,
    ),
    Leak(
        "a seat forgets the end of a task",
        "seats:_reasons",
        "held = both(chair.span, task.span)",
        "held = both(chair.span, Span(task.start, None))",
        "tests/permissions/test_seats_property.py",
    ),
    Leak(
        "a task of who never came in moves no seat",
        "staff:_follow",
        "users=keys, staff=[assignment.staff_id])",
        "users=keys)",
        SEATS,
    ),
    Leak(
        "who comes with a task has no seat",
        "_let_read",
        "only=(Seat, ThreadGrant))",
        "only=ThreadGrant)",
        SEATS,
    ),
    Leak(
        "a conversation begins without seats",
        "threads:_seat",
        "children=[thread.child_id], only=(Seat, ThreadGrant))",
        "only=(Seat, ThreadGrant))",
        SEATS,
    ),
    Leak(
        "seats reach no second record of an account",
        "seats:_records",
        " | Q(user__in=sorted(people.users))",
        "",
        SEATS,
    ),
    Leak(
        "seats of who never came in are not looked at",
        "seats:of_people",
        "| Q(chair__staff__in=_records(people))",
        "| Q(chair__staff__in=_records(people), chair__staff__user__isnull=False)",
        SEATS,
    ),
    Leak(
        "a seat of one side counts for another",
        "SeatQuerySet.held",
        "return self.filter(active_at(now), side=side)",
        "return self.filter(active_at(now))",
        DIRECTIE,
    ),
    Leak(
        "anybody's seat is left to read",
        "ThreadQuerySet._seats",
        'return self._held(side, now).filter(thread=OuterRef("pk"))',
        "return self._held(side, now)",
        SEATS,
    ),
    Leak(
        "a party steers its own conversation",
        "ThreadQuerySet._steering",
        "return asked_in & ~Q(Exists(own_seat))",
        "return asked_in",
        DIRECTIE,
    ),
]

# The rules everybody knows
LEAKS += [
    Leak(
        "having confirmed an older version is enough",
        "ProtocolQuerySet.waiting_for",
        ('self.model.acknowledgements.rel.related_model.objects.filter(protocol=OuterRef("pk"), user=actor.user.pk)'),
        (
            "self.model.acknowledgements.rel.related_model.objects.filter(\n"
            '            protocol__school=OuterRef("school"), user=actor.user.pk\n'
            "        )"
        ),
        RULES,
    ),
    Leak(
        "what somebody else confirmed is enough",
        "ProtocolQuerySet.waiting_for",
        'OuterRef("pk"), user=actor.user.pk)',
        'OuterRef("pk"))',
        RULES_PROPERTY,
    ),
    Leak(
        "anybody confirms the rules of any school",
        "acknowledge",
        "    access.demand(Protocol.objects.meant_for(by).filter(pk=protocol.pk).exists())\n",
        "",
        RULES,
    ),
    Leak(
        "rules of another school to read",
        "ProtocolQuerySet.visible_to",
        "return of_own_schools(self, actor).filter(effective_at__lte",
        "return self.filter(effective_at__lte",
        MATRIX,
    ),
    Leak(
        "staff puts the rules off",
        "asked",
        "return Asking.MUST if as_staff or now >= required_at",
        "return Asking.MUST if now >= required_at",
        RULES_PROPERTY,
    ),
    Leak(
        "parents wait one moment too long",
        "asked",
        "now >= required_at",
        "now > required_at",
        RULES_PROPERTY,
    ),
    Leak(
        "a new version is remembered as confirmed",
        "put_in_force",
        "        asking.begin_anew()\n",
        "",
        RULES,
    ),
    Leak(
        "the reminder names who confirmed long ago",
        "waiting_people",
        "return people_of(protocol.school, now=now).filter(~Exists(done))",
        "return people_of(protocol.school, now=now)",
        RULES,
    ),
    Leak(
        "answers written down beside who gave them",
        "answer_evaluation",
        "        if words:\n            _shuffle_in(row, words)",
        "        audit.note('evaluation.answered', row, by=by, **{f'q{n}': score for n, score in enumerate(scores)})\n"
        "        if words:\n            _shuffle_in(row, words)",
        EVALUATIONS,
    ),
    Leak(
        "remarks in the order they came in",
        "_shuffle_in",
        "    SystemRandom().shuffle(everything)\n",
        "",
        EVALUATIONS,
    ),
    Leak(
        "results that move with each answer",
        "results_of",
        "if evaluation.closed_at is None or answers < ENOUGH:",
        "if answers < ENOUGH:",
        EVALUATIONS,
    ),
    Leak(
        "the answers of four people",
        "evaluations:ENOUGH",
        "ENOUGH = 5",
        "ENOUGH = 4",
        EVALUATIONS,
    ),
]

# Reports, cases and restrictions
REPORTS = "tests/moderation/test_reports.py"
CASES = "tests/moderation/test_cases.py"
TOLD = "tests/groups/test_told.py"
CASE_RIGHTS = "tests/permissions/test_case_rights_property.py"

LEAKS += [
    Leak(
        "the directie handles its own case",
        "as_party",
        "    if user == matter.about:\n        return [ALWAYS]\n",
        "",
        CASE_RIGHTS,
    ),
    Leak(
        "a parent of the same child handles the case",
        "as_party",
        'if matter.side == "family":',
        "if False:",
        f"{REPORTS}::test_who_becomes_a_party_loses_the_case",
    ),
    Leak(
        "a case about the own child",
        "as_party",
        "if matter.child else []",
        "if False else []",
        CASE_RIGHTS,
    ),
    Leak(
        "who is restricted keeps the cases",
        "school_rights",
        "for span in without(stretches(spans), forbidding(cuts.get((user, place), []), reading=False)):",
        "for span in stretches(spans):",
        CASE_RIGHTS,
    ),
    Leak(
        "a member of the directie keeps a case about who became the other parent",
        "cases_of_family",
        "about = Case.objects.filter(side=Side.FAMILY, about__in=users) if users else Case.objects.none()",
        "about = Case.objects.none()",
        CASE_RIGHTS,
    ),
    Leak(
        "who becomes a parent at another school keeps the cases here",
        "Projection.follow",
        "return self._write(None, people)",
        "return self._write(school, people)",
        CASE_RIGHTS,
    ),
    Leak(
        "a list of another school moves no case here",
        "Projection.follow",
        "self._write(school, None).plus(self._write(None, self.elsewhere(school)))",
        "self._write(school, None)",
        CASE_RIGHTS,
    ),
    Leak(
        "a second person with a part in a case about this family",
        "_requests_beside",
        "return AccessRequest.objects.filter(Q(about__in=users) | waiting)",
        "return AccessRequest.objects.filter(about__in=users)",
        CASE_RIGHTS,
    ),
    Leak(
        "what somebody leads anywhere keeps the case officer out",
        "LedQuerySet._unled",
        'leading.filter(content_object=OuterRef("pk"))',
        "leading",
        CASE_RIGHTS,
    ),
    Leak(
        "a case with a closed account stays with it",
        "LedQuerySet._unled",
        'in_force(permission("lead", self.model), now=now)',
        'filter(permission__codename=f"lead_{self.model._meta.model_name}")',
        CASE_RIGHTS,
    ),
    Leak(
        "a case that nobody hears of",
        "reports:_report",
        "        access.reproject(containers=[case.pk], only=CaseGrant)\n",
        "",
        f"{REPORTS}::test_who_becomes_a_party_loses_the_case",
    ),
    Leak(
        "who moderates a group handles cases about its staff",
        "case_rights",
        "is_told and case.side == Side.FAMILY and not",
        "is_told and not",
        f"{REPORTS}::test_what_staff_wrote_no_colleague_handles_whoever_was_told",
    ),
    Leak(
        "what was told to the directie alone comes to the teacher",
        "case_rights",
        "in_class = is_told and ",
        "in_class = ",
        f"{REPORTS}::test_told_to_the_directie_alone_no_teacher_finds_it",
    ),
    Leak(
        "the teacher learns who told the directie alone",
        "ReportQuerySet.visible_to",
        "self.filter(Q(to_teacher=True) | of_directie, case__in=",
        "self.filter(case__in=",
        f"{REPORTS}::test_told_to_the_directie_alone_no_teacher_finds_it",
    ),
    Leak(
        "a case against the directie stays at school",
        "reports:_begin",
        "against_directie=is_against_directie(subject, now=by.now),",
        "against_directie=False,",
        f"{REPORTS}::test_the_directie_never_handles_the_own_case",
    ),
    Leak(
        "the photos of the whole conversation come with one message",
        "photos_told",
        "return {case.pk: [row for row in placements if _belongs(row, case)] for case in wanted}",
        "return {case.pk: list(Placement.objects.filter(writing__thread=case.written.thread)) for case in wanted}",
        f"{REPORTS}::test_of_a_conversation_only_that_one_message_is_read",
    ),
    Leak(
        "anybody reports what he cannot see",
        "report_content",
        "access.demand(can_report(by, content))",
        "pass",
        f"{REPORTS}::test_who_cannot_see_it_cannot_report_it",
    ),
    Leak(
        "a letter is everybody's",
        "OfCaseQuerySet.visible_to",
        "return self.filter(case__in=cases)",
        "return self.all()",
        f"{CASES}::test_a_letter_is_filled_in_read_over_and_kept",
    ),
    Leak(
        "what school told somebody for others",
        "TellingQuerySet.visible_to",
        'return self.filter(to=actor.user.pk, hat=actor.hat, withheld_because="")',
        'return self.filter(hat=actor.hat, withheld_because="")',
        f"{TOLD}::test_who_is_hidden_and_shown_again_is_told_both",
    ),
    Leak(
        "who was asked once changes the words for ever",
        "still_editable",
        "Q(editable_until__gt=actor.now)",
        "Q(editable_until__isnull=False)",
        "tests/moderation/test_asked_to_change.py",
    ),
    Leak(
        "who left the school reads what parents write back",
        "AnswerQuerySet.asked_by",
        "models.Q(telling__told_by=actor.user.pk, telling__school__in=serves)",
        "models.Q(telling__told_by=actor.user.pk)",
        f"{TOLD}::test_who_left_the_school_reads_no_answer",
    ),
    Leak(
        "what was kept back is told",
        "TellingQuerySet.visible_to",
        'return self.filter(to=actor.user.pk, hat=actor.hat, withheld_because="")',
        "return self.filter(to=actor.user.pk, hat=actor.hat)",
        f"{TOLD}::test_what_is_not_told_yet_stays_in_the_case",
    ),
    Leak(
        "an answer in a case is read by all staff",
        "find_answered",
        "Q(case_uid__in=cases) | Q(pk__in=asked), answers__isnull=False",
        "answers__isnull=False",
        f"{TOLD}::test_an_answer_without_a_case_is_for_who_told_it_and_the_directie",
    ),
    Leak(
        "who is limited starts conversations",
        "ChildQuerySet.discussed_by",
        (
            "return known.filter(\n"
            "            ~Exists(restrictions.against(actor.user.pk, now=actor.now).filter("
            'school=OuterRef("school")))\n'
            "        )"
        ),
        "return known",
        "tests/groups/test_restrictions.py",
    ),
    Leak(
        "who wrote it shows it again",
        "_hidden_by_another",
        'return Q(state="hidden", author=user.pk) & ~Q(hidden_by=user.pk)',
        "return Q(pk__in=[])",
        f"{CASES}::test_who_wrote_it_does_not_show_it_again",
    ),
]

# Drafts handed in
HANDINS = "tests/messaging/test_handins.py"

LEAKS += [
    Leak(
        "a draft in the feed and the newsletter",
        "PostQuerySet._standing",
        'readable = Q(state="published") |',
        'readable = Q(state__in=("published", "submitted")) |',
        HANDINS,
    ),
    Leak(
        "a draft in the mail of the group",
        "PostQuerySet._standing ReplyQuerySet._standing LetterQuerySet.visible_pairs",
        'Q(state="published") | Q(state="hidden")',
        'Q(state__in=("published", "submitted")) | Q(state="hidden")',
        HANDINS,
    ),
    Leak(
        "every draft to who places in the group",
        "HandinQuerySet.judged_by",
        'Q(kind="school") |',
        "Q(pk__gt=0) |",
        HANDINS,
    ),
    Leak(
        "the bytes of a draft's photo for everybody",
        "PlacementQuerySet.handed_to",
        'writing__state="submitted", writing__handin__in=mine)',
        'writing__state="submitted")',
        HANDINS,
    ),
    Leak(
        "a photo in a draft after a no",
        "PlacementQuerySet.handed_to",
        "return waiting.clear_of_marks(now=actor.now)",
        "return waiting",
        HANDINS,
    ),
    Leak(
        "placed by the gate of last week",
        "handins:_rewrite",
        "    _check_photos(post, by)\n",
        "",
        HANDINS,
    ),
    Leak(
        "placed for who is no longer in the council",
        "HandinQuerySet.approvable_by",
        "self.waiting_for(actor).filter(self._writer_still(actor.now))",
        "self.waiting_for(actor)",
        HANDINS,
    ),
    Leak(
        "withdrawn and still read",
        "HandinQuerySet.judged_by",
        'actor.user.pk).exclude(state="withdrawn")',
        "actor.user.pk)",
        HANDINS,
    ),
    Leak(
        "a desk for everybody",
        "listing:only_for",
        "if not may(request.actor):",
        "if False:",
        DESK,
    ),
    Leak(
        "what one reads at another school on the desk",
        "posts_at",
        ".placed().filter(school__in=schools)",
        ".placed()",
        DESK,
    ),
    Leak(
        "every child on the desk",
        "children_at",
        "Child.objects.filter(school__in=School.objects.directed_by(actor.wearing(Hat.ANY)), left_at__isnull",
        "Child.objects.filter(left_at__isnull",
        DESK,
    ),
    Leak(
        "who may not meet a child is found by its name",
        "naming_child",
        "Exists(admissions_at(actor).filter(named",
        "Exists(Guardianship.objects.filter(named",
        PEOPLE_LISTS,
    ),
    Leak(
        "the directie learns at the desk that somebody reported her words",
        "_with_reports_told",
        "Case.objects.visible_to(actor.wearing(Hat.ANY)).open()",
        "Case.objects.open()",
        DESK,
    ),
    Leak(
        "a trail of conversations and of who answered what",
        "TrailEventQuerySet.visible_to",
        "Q(subject_kind__in=OPEN_KINDS) | scoped | restricting, school_uid__in=schools)",
        "school_uid__in=schools)",
        DESK,
    ),
    Leak(
        "any question to a list of the desk",
        "asked_of",
        "if not set(asked) <= {SEARCH, PAGE, *(one.name for one in facets)}:",
        "if False:",
        DESK,
    ),
    Leak(
        "a thing of another school chosen at the desk",
        "chosen_of",
        "return [pk for pk in wanted if pk in allowed]",
        "return wanted",
        DESK_ACTS,
    ),
    Leak(
        "somebody else's work at the desk",
        "BulkActQuerySet.made_by",
        "return self.filter(by=user.pk)",
        "return self.all()",
        DESK_ACTS,
    ),
]

# How often groups place something, and figures of each group
FREQUENCY_PAGES = "tests/moderation/test_frequency_pages.py"
FREQUENCY_HINTS = "tests/moderation/test_frequency_hints.py"
FIGURES = "tests/moderation/test_figures.py"

LEAKS += [
    Leak(
        "figures of groups that are not the own",
        "_groups_for",
        "Group.objects.managed_by(actor",
        "Group.objects.visible_to(actor",
        FIGURES,
    ),
    Leak(
        "anybody reads how every school keeps to its rules",
        "SchoolQuerySet.accounted_to",
        'return self.watched_by(actor) | self.filter(pk__in=councils.values("school"))',
        "return self.all()",
        "tests/moderation/test_promise_checks.py",
    ),
    Leak(
        "the police before the school did anything itself",
        "INTERNAL",
        "INTERNAL = (MeasureKind.TALK, MeasureKind.WARNING, *RESTRICTING)",
        "INTERNAL = (MeasureKind.TALK, MeasureKind.WARNING, *RESTRICTING, MeasureKind.REMOVAL)",
        "tests/moderation/test_cases.py",
    ),
    Leak(
        "a teacher learns that somebody told the directie alone",
        "_Counts.__init__",
        "Report.objects.visible_to(actor.wearing(Hat.ANY)).filter(case__group__in",
        "Report.objects.filter(case__group__in",
        FIGURES,
    ),
    Leak(
        "a figure about four families",
        "figures:ENOUGH",
        "ENOUGH = 5",
        "ENOUGH = 4",
        FIGURES,
    ),
    Leak(
        "the answering time of one conversation",
        "answering_days",
        "median_low(waits) if len(families) >= ENOUGH else None",
        "median_low(waits) if len(waits) >= ENOUGH else None",
        FIGURES,
    ),
    Leak(
        "anybody sets what a school asks",
        "change_norms",
        "        access.demand(can_direct(by, school))\n",
        "",
        "tests/moderation/test_frequency.py",
    ),
    Leak(
        "weeks of every school",
        "FrequencyWeekQuerySet.visible_to",
        "self.filter(Q(school__in=School.objects.directed_by(actor)) | Q(group__in=managed",
        "self.filter(Q(group__in=managed) | ~Q(group__in=managed",
        FREQUENCY_PAGES,
    ),
    Leak(
        "a hint to who teaches the group no more",
        "teaching_in",
        "Membership.objects.effective(PUBLISH, now=now).filter(",
        "Membership.objects.filter(",
        FREQUENCY_HINTS,
    ),
    Leak(
        "a hint about a week that is over",
        "still_silent",
        "if school is None or subject.week != week_at(now):",
        "if school is None:",
        FREQUENCY_HINTS,
    ),
    Leak(
        "days off of any school are taken away",
        "remove_holiday",
        "    access.demand(can_configure(by, school))\n",
        "",
        "tests/groups/test_days_off.py",
    ),
]

# Access requests: a copy for somebody, with nothing of anybody else
ACCESS = "tests/moderation/test_access_requests.py"

LEAKS += [
    Leak(
        "who drew up a copy approves it too",
        "access_request_rights",
        " if user != preparer]",
        "]",
        f"{ACCESS}::test_who_drew_it_up_does_not_approve_it",
    ),
    Leak(
        "a party reads the copy over",
        "access_request_rights",
        "families, people, beside)",
        "families, people)",
        f"{ACCESS}::test_a_party_does_not_read_over",
    ),
    Leak(
        "who comes into an open case still reads copies over",
        "cases:_move",
        "    access.reproject(containers=requests_waiting_at(case.school), only=AccessRequestGrant)\n",
        "",
        f"{ACCESS}::test_a_party_does_not_read_over",
    ),
    Leak(
        "a copy that was given back is still read over",
        "access_requests:_move",
        "also=also, facts=facts)\n    access.reproject(containers=[asked.pk], only=AccessRequestGrant)\n",
        "also=also, facts=facts)\n",
        f"{ACCESS}::test_a_party_does_not_read_over",
    ),
    Leak(
        "a line that is kept back stands in the copy",
        "access_copies:_shown",
        "    if not passage.ground:\n",
        "    if not passage.ground or passage.ground == Ground.ADVICE:\n",
        f"{ACCESS}::test_what_is_kept_back_or_black_is_nowhere_in_the_copy",
    ),
    Leak(
        "a name in the copy",
        "access_copies:_shown",
        'return blackened(passage.text, black), ""',
        'return passage.text, ""',
        f"{ACCESS}::test_what_is_kept_back_or_black_is_nowhere_in_the_copy",
    ),
    Leak(
        "requests of every school",
        "AccessRequestQuerySet.visible_to",
        "self.filter(self._leading(actor) | self._reviewing(actor))",
        "self.all()",
        f"{ACCESS}::test_nobody_else_finds_any_of_it",
    ),
    Leak(
        "cases of another school in the copy",
        "find_pieces",
        "filter(school=asked.school_id, about=asked.about_id)",
        "filter(about=asked.about_id)",
        f"{ACCESS}::test_another_school_is_not_gathered",
    ),
    Leak(
        "what others wrote around a hard copy",
        "access_pieces:_copy",
        "for block in blocks if block.is_own for part in block.parts",
        "for block in blocks for part in block.parts",
        f"{ACCESS}::test_the_hard_copies_of_what_the_person_wrote_alone",
    ),
    Leak(
        "another copy is sealed than the one that was read",
        "approve_copy",
        "if preparer is None or chain.digest(content) != digest:",
        "if preparer is None:",
        f"{ACCESS}::test_what_was_read_is_what_is_sealed",
    ),
]

DOOR = "tests/messaging/test_letter_door.py"
LETTER_CLAIMS = "tests/groups/test_letter_claims.py"
LETTERS = "tests/groups/test_invitations.py"
LETTER_YES = "tests/consent/test_letter_yes.py"

LEAKS += [
    Leak(
        "an address that a list changed is known at once",
        "people:_proof",
        'if proof["how"] != ClaimHow.ADDRESS or caregiver.email_changed_at is None:',
        "if True:",
        f"{DOOR} tests/groups/test_changed_address.py",
    ),
    Leak(
        "who printed the letter confirms",
        "ClaimQuerySet.confirmable_by",
        "rows.exclude(letter__made_by=actor.user.pk).exclude(caregiver__school__in",
        "rows.exclude(caregiver__school__in",
        f"{DOOR}::test_a_teacher_who_printed_it_does_not_confirm",
    ),
    Leak(
        "the directie confirms what another of it printed",
        "ClaimQuerySet.confirmable_by",
        "actor.user.pk).exclude(caregiver__school__in=schools.configured_by(actor))",
        "actor.user.pk).exclude(pk__isnull=True)",
        f"{DOOR}::test_a_directie_that_teaches_the_group_does_not_confirm_what_it_printed_nor_what_another_printed",
    ),
    Leak(
        "the other parent reads that she came in",
        "arrivals_in",
        "    if actor.hat != Hat.STAFF:\n        return []\n    arrived =",
        "    arrived =",
        f"{DOOR}::test_the_staff_of_a_conversation_read_that_she_came_in_and_the_other_parent_reads_nothing",
    ),
    Leak(
        "an address of the other parent hears of it",
        "_addresses_of",
        "return sorted(addresses - taken)",
        "return sorted(addresses)",
        f"{LETTER_CLAIMS}::test_an_address_that_is_the_other_parents_too_hears_nothing",
    ),
    Leak(
        "any day will do",
        "answers_letter",
        "letter.guardianship.child.birth_on == born_on",
        "letter.guardianship.child.birth_on is not None",
        f"{LETTERS}::test_before_the_proof_one_sentence_fits_all",
    ),
    Leak(
        "days are compared after the fifth",
        "_asked_letter",
        'if not tries.take("letter.birthday", code, now=now):\n        return None\n',
        'tries.take("letter.birthday", code, now=now)\n',
        f"{LETTERS}::test_five_days_are_compared_and_no_more",
    ),
    Leak(
        "a yes of a stranger counts at once",
        "decisions:_keep",
        "claim=waiting if says == Says.YES else None",
        "claim=None",
        f"{LETTER_YES}::test_a_yes_waits_for_three_school_days",
    ),
    Leak(
        "a yes that waits covers the no before it",
        "allowed",
        "[answer for answer in answers if answer.stands(now)]",
        "list(answers)",
        f"{LETTER_YES}::test_until_then_the_no_of_before_counts",
    ),
    Leak(
        "a yes of who was somebody else counts in the end",
        "_release",
        "    if gone.settles_at and gone.settles_at > by.now:\n        gone.settles_at = None\n",
        "",
        f"{LETTER_YES}::test_of_who_turned_out_somebody_else_it_never_counts",
    ),
]

TRIES = "tests/core/test_tries.py"

LEAKS += [
    Leak(
        "a try is read and then written",
        "codes:_taken",
        'taken = open_ones.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1)',
        'left = list(open_ones.values_list("tries_left", flat=True))\n'
        "        taken = bool(left and left[0]) and open_ones.update(tries_left=left[0] - 1)",
        f"{TRIES}::test_at_once_never_more_than_five_are_compared",
        on_postgresql=True,
    ),
    Leak(
        "more tries than there are",
        "_TAKE",
        "WHERE {TakenTries._meta.db_table}.ends_at <= %(now)s OR {TakenTries._meta.db_table}.taken < %(most)s",
        "WHERE %(most)s = %(most)s",
        f"{TRIES}::test_as_many_as_there_are_and_again_when_the_time_is_over",
    ),
    Leak(
        "a code proves any mailbox",
        "characters",
        'salted_hmac("portal.core.codes", f"{code.uid} {address}", algorithm="sha256")',
        'salted_hmac("portal.core.codes", f"{code.uid}", algorithm="sha256")',
        f"{TRIES}::test_a_code_opens_what_it_was_asked_for_and_nothing_else",
    ),
    Leak(
        "a code opens twice",
        "is_right",
        "return bool(Code.objects.filter(pk=code.pk, used_at__isnull=True).update(used_at=now))",
        "return True",
        f"{TRIES}::test_at_once_the_right_one_is_right_once",
    ),
    Leak(
        "a password for who has none",
        "ResetPasswordForm.save",
        "has_password = bool(self.user and self.user.has_usable_password())",
        "has_password = bool(self.user)",
        "tests/groups/test_second_factor.py::test_where_there_is_no_password_there_is_no_reset",
    ),
    Leak(
        "a mail bomb from many networks",
        "_may_leave",
        'return known or tries.take("mail.strange", address, now=now)',
        "return True",
        "tests/groups/test_signin.py::test_from_many_networks_at_most_five_mails_an_hour_and_from_home_always_five_more",
    ),
    Leak(
        "the app's code opens twice",
        "is_first_use",
        'return tries.take("totp.used", f"{authenticator.user_id} {code}", now=now)',
        "return True",
        "tests/groups/test_second_factor.py::test_a_code_of_the_app_opens_once_and_guesses_are_few",
    ),
    Leak(
        "a code sent when it is too late",
        "Delivery._treat",
        "if item.expires_at and item.expires_at <= self._clock():",
        "if item.expires_at and item.expires_at <= item.due_at:",
        "tests/core/test_fast_lane.py::test_what_becomes_late_while_others_are_sent_is_not_sent",
    ),
    Leak(
        "the notice of a stolen account to its thief",
        "_message",
        'to=item.address or (item.recipient.email if item.recipient else ""),',
        "to=item.recipient.email if item.recipient else item.address,",
        "tests/groups/test_notices.py::test_a_notice_follows_no_address_that_was_changed_after_it",
    ),
    Leak(
        "how mail does tells whether somebody is known",
        "Delivery.run",
        "if self._is_fast and (down := greet(self._server)):",
        "if self._claim is None and (down := greet(self._server)):",
        "tests/core/test_fast_lane.py::test_a_dead_server_is_met_before_it_is_known_what_goes",
    ),
    Leak(
        "an unknown address is answered sooner",
        "account_for",
        "    _rehearse_opening()\n    return user",
        "    return user",
        "tests/groups/test_people_claiming.py::test_asking_for_an_account_is_the_same_work_for_every_address",
    ),
]
