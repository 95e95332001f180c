"""Parents answer, change their minds and lose authority, rounds open and close, photos are placed: in any order.

After every step, for everybody: no photo is served, listed or drawn at a place where somebody on it may not be shown;
and what may be shown is. The truth is kept twice: as rows by the services, and here in plain words.
"""

import re
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from consent.answers.services.decisions import decide_for_child
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, Basis, Says
from consent.asking.services.starting import start_consent
from consent.models import Clearance, ConsentRound, ConsentRules, Decision, Purpose
from consent.rounds.services.rounds import close_round, open_round
from consent.rounds.services.rules import change_rules, rules_of
from groups.models import Enrolment, Guardianship, Level
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.roles import Hat
from messaging.models import Image, Post
from messaging.photos.domain import Picture
from messaging.photos.services.gate import GateClosedError
from messaging.photos.services.judging import judge_photos
from messaging.photos.services.photos import album_of, find_photo, photos_of
from messaging.photos.services.rather_not import forget_on_photo, note_on_photo
from messaging.posts.services.posts import publish_post
from messaging.writings.services.written import hide_written, show_written
from portal.core import access
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import LONG_AGO, NOW, Town, _build
from tests.pictures import photo_with
from tests.share import LONG, share

FAMILIES = [("Karima", "Noor"), ("Said", "Noor"), ("Karima", "Ilyas"), ("Said", "Ilyas"), ("Lotte", "Fenna"),
            ("Thijs", "Mees")]  # fmt: skip
CHILDREN, CLASSES = ["Noor", "Ilyas", "Fenna", "Mees"], ["g4", "g7"]
READERS = ["Karima", "Said", "Lotte", "Thijs", "Anna", "Joost", "Petra"]
TEACHES = {"g4": {"Anna", "Petra"}, "g7": {"Joost", "Thijs", "Petra"}}
STAFF = ["Anna", "Joost", "Thijs", "Petra"]


@dataclass
class Placed:
    """One photo in one post a group; `marks` is None where nobody in particular was marked."""

    photo: Image
    rows: dict[str, Post]
    at: datetime
    marks: set[str] | None
    told: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    rather_not: set[str] = field(default_factory=set)
    state: str = "published"


class Consent(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self._folder = tempfile.TemporaryDirectory()
        self._settings = override_settings(KRING_DATA_DIR=self._folder.name)
        self._settings.enable()
        self.town: Town = _build()
        self.now = NOW
        self.group: dict[str, str | None] = {"Noor": "g4", "Ilyas": "g7", "Fenna": "g4", "Mees": "g4"}
        self.stays = {(child, key, None) for child, key in self.group.items()}
        self.level = dict.fromkeys(FAMILIES, Level.WITH_AUTHORITY)
        self.said: dict[tuple[str, str], list[tuple[Says, datetime]]] = {pair: [] for pair in FAMILIES}
        self.rounds: list[tuple[datetime, datetime, bool]] = []
        self.reluctant: set[str] = set()
        self.placed: list[Placed] = []
        self.hides = True
        self.turn = 0
        self._begin()

    def _begin(self) -> None:
        """The school asks, and its staff said yes about themselves."""
        boss, school = self.town.user["Petra"], self.town.school
        start_consent(school=school, by=Actor(boss, Hat.ANY, LONG_AGO))
        self.purpose = Purpose.objects.get(school=school, key=IMAGES)
        pim = {"child": self.town.child["Pim"], "caregiver": self.town.caregiver["Nienke"]}
        for about in [pim, *({"adult": self.town.user[name]} for name in STAFF)]:
            answer = {"says": Says.YES, "text_version": 1, "recorded_by": boss, "decided_at": LONG_AGO}
            Decision.objects.create(school=school, purpose=self.purpose, **about, **answer)
        access.reproject(only=Clearance)
        ConsentRules.objects.create(school=school)

    def teardown(self) -> None:
        self._settings.disable()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)
        self._folder.cleanup()

    # What happens

    @initialize(requires_all=st.booleans(), basis=st.sampled_from(list(Basis)), yes=st.sets(st.sampled_from(FAMILIES)))
    def the_school_begins(self, requires_all: bool, basis: Basis, yes: set[tuple[str, str]]) -> None:
        Purpose.objects.filter(pk=self.purpose.pk).update(requires_all=requires_all, basis=basis)
        access.reproject(only=Clearance)
        self.purpose.refresh_from_db()
        for pair in sorted(yes) or FAMILIES:
            self._answer(pair, Says.YES)

    @rule(days=st.integers(0, 9), seconds=st.integers(1, 3))
    def time_goes_on(self, days: int, seconds: int) -> None:
        self.now += timedelta(days=days, seconds=seconds)

    @rule(to=st.sampled_from([-1, 0]))
    def the_round_is_about_to_close(self, to: int) -> None:
        """One second before, or exactly then."""
        if self.rounds and self.rounds[-1][1] > self.now:
            self.now = max(self.now, self.rounds[-1][1] + timedelta(seconds=to))

    @rule(days=st.integers(1, 9), lapses=st.booleans())
    def a_round_opens(self, days: int, lapses: bool) -> None:
        if not self.rounds or self.rounds[-1][1] <= self.now:
            self._tick()
            day = (self.now + timedelta(days=days)).date()
            one = open_round(
                school=self.town.school, closes_on=day, lapses=lapses, by=Actor(self._boss, Hat.ANY, self.now)
            )
            self.rounds.append((one.opens_at, one.closes_at, lapses))

    @rule()
    def the_directie_closes_the_round(self) -> None:
        if self.rounds and self.rounds[-1][1] > self.now:
            self._tick()
            opened, _, lapses = self.rounds[-1]
            close_round(round=ConsentRound.objects.get(opens_at=opened), by=Actor(self._boss, Hat.ANY, self.now))
            self.rounds[-1] = (opened, self.now, lapses)

    @rule(pair=st.sampled_from(FAMILIES), says=st.sampled_from(list(Says)))
    def a_parent_answers(self, pair: tuple[str, str], says: Says) -> None:
        if self.level.get(pair) == Level.WITH_AUTHORITY and self.group[pair[1]]:
            self._answer(pair, says)

    @rule(pair=st.sampled_from(FAMILIES), level=st.sampled_from(sorted(set(Level) - {Level.UNVERIFIED})))
    def the_directie_decides(self, pair: tuple[str, str], level: Level) -> None:
        if pair in self.level and self.level[pair] != level:
            self._tick()
            decide_guardianship(guardianship=self._open(pair), level=level, by=Actor(self._boss, Hat.ANY, self.now))
            self.level[pair] = level

    @rule(pair=st.sampled_from(FAMILIES))
    def authority_ends(self, pair: tuple[str, str]) -> None:
        if pair in self.level:
            self._tick()
            end_guardianship(guardianship=self._open(pair), by=Actor(self._boss, Hat.ANY, self.now))
            del self.level[pair]

    @rule(child=st.sampled_from(CHILDREN))
    def a_child_rather_not_or_again(self, child: str) -> None:
        if self.group[child]:
            about = {"child": self.town.child[child], "by": Actor(self._boss, Hat.ANY, self.now)}
            if child in self.reluctant:
                end_reluctance(**about)
            else:
                note_reluctance(note="in de kring", **about)
            self.reluctant ^= {child}

    @rule(child=st.sampled_from(CHILDREN), key=st.sampled_from([*CLASSES, None]))
    def a_child_moves(self, child: str, key: str | None) -> None:
        if self.group[child] == key:
            return
        self._tick()
        places = Enrolment.objects.filter(child=self.town.child[child], group__kind="class", valid_until=None)
        places.update(valid_until=self.now)
        if (stay := (child, self.group[child], None)) in self.stays:
            self.stays ^= {stay, (child, self.group[child], self.now)}
        if key:
            rows.enrolment(self.town.child[child], self.town.group[key], self.now)
            self.stays.add((child, key, None))
        self.group[child] = key
        self.town.sync(self.now)

    @rule(
        keys=st.sampled_from([["g4"], ["g7"], ["g4", "g7"]]),
        marks=st.none() | st.sets(st.sampled_from(CHILDREN), max_size=2),
    )
    def somebody_places(self, keys: list[str], marks: set[str] | None) -> None:
        """The gate lets through what the plain rule lets stand, and nothing else."""
        self._tick()
        author = "Petra"
        photo = photo_with("", by=self.town.user[author], school=self.town.school, now=self.now)
        uids = None if marks is None else frozenset(self.town.child[name].uid for name in marks)
        there = {child for child, key in self.group.items() if key in keys} if marks is None else marks
        stops = {child for child in there if self._verdict(child) != "shown"}
        try:
            rows = publish_post(
                groups=[self.town.group[key] for key in keys],
                topic="update",
                title="Blad",
                text="In het park.",
                replies="on",
                by=Actor(self.town.user[author], Hat.STAFF, self.now),
                pictures=[Picture(photo.uid, marks=uids)],
                declared=True,
            )
        except GateClosedError:
            assert stops or "Pim" in self._unsure(keys)
            return
        assert not stops
        by_group = dict(zip(keys, rows, strict=True))
        self.placed.append(Placed(photo, by_group, self.now, marks, told=set(marks or ())))

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def a_post_goes_or_comes_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.placed))
        for row in one.rows.values():
            if one.state == "published":
                hide_written(written=row, by=Actor(self._boss, Hat.STAFF, self.now))
            elif one.state == "hidden" and len(one.rows) == 1:
                show_written(written=row, by=Actor(self._boss, Hat.STAFF, self.now))
        one.state = {"published": "hidden", "hidden": "published" if len(one.rows) == 1 else "hidden"}[one.state]

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), is_on=st.booleans())
    def somebody_looks(self, data: st.DataObject, is_on: bool) -> None:
        """Whoever reviews says whether the child is on the photo; only what was in doubt is kept."""
        one, child = data.draw(st.sampled_from(self.placed)), data.draw(st.sampled_from(CHILDREN))
        key = sorted(one.rows)[0]
        doubtful = child in self._doubted(one)
        judge_photos(
            group=self.town.group[key], child=self.town.child[child], looked_at=[one.photo.uid],
            on=[one.photo.uid] if is_on and doubtful else [], by=Actor(self._boss, Hat.ANY, self.now))  # fmt: skip
        if doubtful:
            one.told.add(child)
            if is_on:
                one.found.add(child)

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), child=st.sampled_from(CHILDREN))
    def a_child_rather_not_on_one_photo_or_again(self, data: st.DataObject, child: str) -> None:
        """The directie writes it down, for a child that can be on the photo, while the message is to be read."""
        one = data.draw(st.sampled_from(self.placed))
        key = sorted(one.rows)[0]
        around = {who for who, stay, until in self.stays if stay == key and (until is None or until > one.at)}
        if child not in around | (one.marks or set()) | one.found:
            return
        about = {"group": self.town.group[key], "image": one.photo.uid, "child": self.town.child[child]}
        if child in one.rather_not:
            forget_on_photo(by=Actor(self._boss, Hat.ANY, self.now), **about)
        else:
            note_on_photo(note="op deze foto", by=Actor(self._boss, Hat.ANY, self.now), **about)
        one.rather_not ^= {child}
        one.told.add(child)
        one.found.add(child)

    @rule(hides=st.booleans())
    def the_school_chooses(self, hides: bool) -> None:
        rules = rules_of(self.town.school)
        change_rules(
            school=self.town.school, version=rules.version, by=Actor(self._boss, Hat.ANY, self.now), hide_unseen=hides
        )
        self.hides = hides

    # What must be so

    @invariant()
    def nobody_is_served_what_may_not_be_shown(self) -> None:
        for name, one in product(READERS, self.placed):
            served = find_photo(one.photo.uid, actor=Actor(self.town.user[name], Hat.ANY, self.now)) is not None
            may = any(self._stands(one, name, hat) for hat in Hat) or self._judges(one, name)
            assert served == may, (name, self.placed.index(one))

    @invariant()
    def lists_hold_what_stands(self) -> None:
        for name, hat in product(READERS, Hat):
            asked = {"actor": Actor(self.town.user[name], hat, self.now)}
            posts = [row for one in self.placed for row in one.rows.values()]
            found = {(pk, photo.uid) for pk, photos in photos_of(posts, **asked).items() for photo in photos}
            expected = {
                (one.rows[key].pk, one.photo.uid) for one in self.placed for key in self._places(one, name, hat)
            }
            assert found == expected, (name, hat)

    @invariant()
    def one_reader_looks_at_the_pages(self) -> None:
        """Another one at each step, in the browser: what was drawn before for somebody else is no way in."""
        self.turn += 1
        name = READERS[self.turn % (len(READERS) - 1)]
        for hat in (Hat.FAMILY, Hat.STAFF):
            standing = {one.photo.uid for one in self.placed if self._places(one, name, hat)}
            assert {uid for key in CLASSES for uid in self._in_albums(key, name, hat)} == standing
        with time_machine.travel(self.now, tick=False):
            self._browse(name)

    def _in_albums(self, key: str, name: str, hat: Hat) -> set[Any]:
        """What the albums of all months show; each shows one month."""
        asked: Any = {"group": self.town.group[key], "actor": Actor(self.town.user[name], hat, self.now)}
        months = album_of(**asked).months
        return {photo.uid for month in months for photo in album_of(**asked, month=month).photos}

    def _browse(self, name: str) -> None:
        client = Client()
        client.force_login(self.town.user[name], backend=site.AUTHENTICATION_BACKENDS[0])
        hat = Hat.STAFF if name in STAFF else Hat.FAMILY
        answer = client.get(reverse("messaging:feed", args=[hat]))
        drawn = (
            set(re.findall(r"/foto/([0-9a-f-]{36})/", answer.content.decode())) if answer.status_code == 200 else set()
        )
        standing = {str(one.photo.uid) for one in self.placed if self._places(one, name, hat)}
        assert drawn == standing if len(self.placed) < 8 else drawn <= standing
        for one in self.placed[-2:]:
            bytes_for = client.get(reverse("messaging:photo", args=[one.photo.uid, 400])).status_code
            may = any(self._stands(one, name, each) for each in Hat) or self._judges(one, name)
            assert (bytes_for == 200) == may, name
            for key, row in one.rows.items():
                viewer = client.get(reverse("messaging:viewer", args=[hat, row.uid, 1])).status_code
                assert (viewer == 200) == (key in self._places(one, name, hat)), (name, key)

    # The plain rule

    def _verdict(self, child: str) -> str:
        holders = [pair for pair, level in self.level.items() if pair[1] == child and level == Level.WITH_AUTHORITY]
        last = [self.said[pair][-1] for pair in holders if self.said[pair]]
        if child in self.reluctant or any(says == Says.NO for says, _ in last):
            return "refused"
        if self.purpose.basis == Basis.OBJECTION:
            return "shown"
        good = [at for _, at in last if not any(at < o and c <= self.now and lapses for o, c, lapses in self.rounds)]
        enough = len(good) == len(holders) if self.purpose.requires_all else bool(good)
        return "shown" if good and enough else "unanswered"

    def _unsure(self, keys: list[str]) -> set[str]:
        """Pim's mother, and the staff, answered long ago: a round that closed may have asked them again."""
        asked_again = any(closes <= self.now and lapses for _, closes, lapses in self.rounds)
        return {"Pim"} if asked_again and self.purpose.basis == Basis.CONSENT else set()

    def _doubted(self, one: Placed) -> set[str]:
        if one.marks is not None:
            return set()
        around = {child for child, key, until in self.stays if key in one.rows and (until is None or until > one.at)}
        return {child for child in around - one.told if self._verdict(child) == "refused"}

    def _barred(self, one: Placed) -> bool:
        on_it = (one.marks or set()) | one.found
        return bool(one.rather_not) or any(self._verdict(child) != "shown" for child in on_it)

    def _reads(self, one: Placed, key: str, name: str, hat: str) -> bool:
        if hat == Hat.STAFF:
            return name in TEACHES[key] and one.state in ("published", "hidden")
        admitted = {Level.WITH_AUTHORITY, Level.DAILY_CARER, Level.ADMITTED_READER}
        mine = {child for (parent, child), level in self.level.items() if parent == name and level in admitted}
        return one.state == "published" and any(self.group[child] == key for child in mine)

    def _places(self, one: Placed, name: str, hat: str) -> set[str]:
        """In which groups this reader finds the photo."""
        if self._barred(one) or (self.hides and self._doubted(one)):
            return set()
        return {key for key in one.rows if self._reads(one, key, name, hat)}

    def _stands(self, one: Placed, name: str, hat: str) -> bool:
        return bool(self._places(one, name, hat))

    def _judges(self, one: Placed, name: str) -> bool:
        """Staff who see the people of a group get the photos to look at."""
        return bool(self._barred(one) or self._doubted(one)) and any(name in TEACHES[key] for key in one.rows)

    # Small things

    @property
    def _boss(self) -> Any:
        return self.town.user["Petra"]

    def _answer(self, pair: tuple[str, str], says: Says) -> None:
        self._tick()
        parent, child = pair
        decide_for_child(
            child=self.town.child[child],
            answers={self.purpose: (says, 1)},
            by=Actor(self.town.user[parent], Hat.ANY, self.now),
        )
        self.said[pair].append((says, self.now))

    def _open(self, pair: tuple[str, str]) -> Guardianship:
        parent, child = pair
        return Guardianship.objects.get(
            caregiver=self.town.caregiver[parent], child=self.town.child[child], valid_until=None
        )

    def _tick(self) -> None:
        self.now += timedelta(seconds=1)


SIZES = settings(max_examples=200 if LONG else share(4), stateful_step_count=30 if LONG else 12)


@pytest.mark.django_db
def test_whatever_is_answered() -> None:
    run(
        Consent,
        settings=settings(SIZES, deadline=None, suppress_health_check=list(HealthCheck)),
    )
