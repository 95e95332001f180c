"""What the schools' written policies ask and Kring carries, in plain words: the lines of the policy page (POL-70)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class PromiseLine:
    """One line: the rules it answers to, what Kring does, what carries it, and which settings and figures belong to it.

    `carried_by` are modules, with the name in them. A line is shown only while all are there: nothing else is claimed.
    `checks` are looked for every night (`promises.services.promise_checks`); without one the line is an agreement.
    """

    ids: tuple[str, ...]
    says: Promise
    carried_by: tuple[str, ...]
    settings: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


COUNTED: dict[str, Promise] = {
    "rights": _("rights without a reason"),
    "authors": _("messages by somebody who may not place them"),
    "handed_in": _("messages of a council that nobody approved"),
    "bylines": _("texts of staff without name and function"),
    "children_shown": _("photos with a child who may not be shown"),
    "adults_shown": _("photos with an adult who may not be shown"),
    "asked_this_year": _("questions that were not asked this year"),
    "one_recipient": _("mails to more than one address"),
    "copies": _("faults in the dossier"),
    "inside_first": _("steps outside the school without a measure or a reason before"),
}
"""What a night looks for, by check: each ought to be 0."""


@dataclass(frozen=True)
class Chapter:
    title: Promise
    lines: tuple[PromiseLine, ...]


CHAPTERS = (
    Chapter(
        _("Who may be where"),
        (
            PromiseLine(
                ("POL-01",),
                _("Kring is closed. Without signing in nobody sees a group, a child or a name."),
                (
                    "groups.records.querysets.schools:GroupQuerySet.visible_to",
                    "messaging.writings.querysets.posts:PostQuerySet.visible_to",
                ),
                checks=("rights",),
            ),
            PromiseLine(
                ("POL-02", "POL-03"),
                _("The school decides which parents come in. Only parents with authority choose for their child."),
                ("groups.people.services.guardianships:decide_guardianship", "groups.records.policies:can_decide"),
                figures=("families",),
            ),
            PromiseLine(
                ("POL-04",),
                _("A family is in its child’s groups and in the whole school. When the child moves, the family does."),
                ("groups.records.services.truth:group_rights",),
            ),
            PromiseLine(
                ("POL-05", "POL-06"),
                _("Teachers place messages in their own groups only. Parents read and answer."),
                ("groups.records.policies:can_publish", "messaging.posts.services.posts:publish_post"),
                figures=("posts", "replies"),
                checks=("authors",),
            ),
            PromiseLine(
                ("POL-07",),
                _("Members of the MR and the OR hand in a message. The management approves and places it."),
                ("messaging.handins.services.handins",),
                checks=("handed_in",),
            ),
            PromiseLine(
                ("POL-08",),
                _("Only the management and named editors write to the whole school."),
                ("groups.staff.services.tasks", "groups.records.policies:can_publish"),
            ),
            PromiseLine(
                ("POL-09",),
                _("About one child the teacher talks with its parents, and nobody else reads that."),
                (
                    "messaging.talks.querysets:ThreadQuerySet.visible_to",
                    "messaging.talks.services.threads:start_thread",
                ),
                figures=("threads",),
            ),
            PromiseLine(
                ("POL-14",),
                _("A teacher reaches all parents of a class in one go, and gets no list of addresses."),
                ("messaging.posts.services.posts:publish_post",),
            ),
            PromiseLine(
                ("POL-15",),
                _("Staff write with name and function. Who is a parent too keeps the two apart."),
                ("groups.accounts.services.hats:hats_of",),
                checks=("bylines",),
            ),
        ),
    ),
    Chapter(
        _("What is written"),
        (
            PromiseLine(
                ("POL-22",),
                _("Who praises one child by name is asked, before anybody reads it, to leave the name out."),
                ("messaging.writings.services.names:child_praised",),
            ),
            PromiseLine(
                ("POL-26",),
                _("Every week Kring counts what each group placed, and tells the teacher kindly when it is silent."),
                (
                    "moderation.frequency.services.frequency:check_week",
                    "moderation.frequency.services.frequency_hints:hint_teachers",
                ),
                settings=("frequency",),
                figures=("frequency",),
            ),
            PromiseLine(
                ("POL-27",),
                _(
                    "Parents see when the teacher works. Mail about conversations, drafts and cases waits until then. "
                    "Only danger, threats and sexual content break through."
                ),
                ("groups.schools.services:change_hours", "groups.records.services.working:due_at_work"),
            ),
            PromiseLine(
                ("POL-28",),
                _(
                    "Short questions have short answers: yes, no or maybe for each child, also from the mail. "
                    "Who did not answer hears it the day before."
                ),
                ("messaging.asks.services.answering:answer_ask",),
            ),
            PromiseLine(
                ("POL-29", "POL-30"),
                _("Nobody sees another person’s phone number or address. The school’s own number stands there."),
                ("groups.records.services.contacts:contacts_of", "portal.core.mail"),
                settings=("contact",),
            ),
            PromiseLine(
                ("POL-32",),
                _("Photos stay in Kring. The school decides whether parents may download them."),
                ("messaging.photos.services.photos",),
                settings=("may_download", "name_at_edge"),
            ),
            PromiseLine(
                ("POL-33",),
                _("After placing photos the teacher is asked to delete them from the phone."),
                ("messaging.photos.services.placements:clear_phone",),
            ),
            PromiseLine(
                ("POL-71",),
                _("In doubt a member of staff lets the management read a message first."),
                ("messaging.handins.services.handins",),
            ),
        ),
    ),
    Chapter(
        _("Photos and consent"),
        (
            PromiseLine(
                ("POL-40", "POL-42"),
                _("Without a yes of the parents no child is shown or named. Each place has its own answer."),
                ("consent.clearances.services:project", "consent.asking.services.starting:start_consent"),
                settings=("purposes", "everybody_says_yes"),
                figures=("consent",),
                checks=("children_shown",),
            ),
            PromiseLine(
                ("POL-41",),
                _("Consent is asked every year."),
                ("consent.rounds.services.rounds:open_round",),
                settings=("yes_lapses", "last_round"),
                checks=("asked_this_year",),
            ),
            PromiseLine(
                ("POL-43",),
                _("Parents change their choice any day. A no works at once."),
                ("consent.answers.services.decisions:decide_for_child",),
                settings=("hide_unseen",),
            ),
            PromiseLine(
                ("POL-44",),
                _("Before a photo is placed Kring names the children who may not be on it."),
                ("messaging.photos.services.gate", "messaging.photos.querysets.images"),
            ),
            PromiseLine(
                ("POL-45",),
                _("When a child itself rather not, that weighs like a no."),
                ("consent.answers.services.reluctance:note_reluctance",),
            ),
            PromiseLine(
                ("POL-46",),
                _("Adults, staff too, are shown only with their own yes."),
                ("consent.answers.services.decisions:decide_for_self",),
                checks=("adults_shown",),
            ),
        ),
    ),
    Chapter(
        _("How it arrives"),
        (
            PromiseLine(
                ("POL-50", "POL-51"),
                _("Every parent chooses: one mail a week, a mail for each message, or no mail."),
                ("groups.people.services.contact_choices:choose_way", "messaging.newsletter.mail.gathering"),
                settings=("digest", "digest_titles_only"),
            ),
            PromiseLine(
                ("POL-54",),
                _("Every mail has one recipient. Copies to others do not exist."),
                ("portal.core.mail",),
                checks=("one_recipient",),
            ),
        ),
    ),
    Chapter(
        _("Watching over it"),
        (
            PromiseLine(
                ("POL-60",),
                _(
                    "Anybody can report to the management, and what parents wrote to the teacher too. "
                    "Did the teacher write it? Then a parent can ask that teacher."
                ),
                ("moderation.cases.services.reports",),
            ),
            PromiseLine(
                ("POL-61",),
                _("The group’s administrators and the management take away what does not belong."),
                ("messaging.writings.services.written:hide_written",),
                settings=("teachers_moderate",),
            ),
            PromiseLine(
                ("POL-62",),
                _("Something offensive is removed only after a copy for the dossier exists."),
                ("messaging.removing.services.removal:remove_written",),
                figures=("removed",),
                checks=("copies",),
            ),
            PromiseLine(
                ("POL-63", "POL-65"),
                _("What the school did about it is written down. First inside the school, or with the reason why not."),
                ("moderation.cases.services.measures",),
                checks=("inside_first",),
            ),
            PromiseLine(
                ("POL-64",),
                _("Does a conversation get out of hand? Then the management is asked in, visible to everybody."),
                ("messaging.talks.services.threads_steering",),
            ),
            PromiseLine(
                ("POL-66",),
                _(
                    "Kring offers a kind word to the writer before a colleague reports. Sending it is up to people. "
                    "Where the school wants it, parents say one to each other as well."
                ),
                ("moderation.cases.services.notes", "moderation.kind_words.services.words:say_kindly"),
            ),
            PromiseLine(
                ("POL-67",),
                _("Everybody reads the rules and confirms them, version by version."),
                (
                    "moderation.rules.services.acknowledging:acknowledge",
                    "moderation.rules.services.protocols:put_in_force",
                ),
                settings=("protocol", "council"),
                figures=("confirmed",),
            ),
            PromiseLine(
                ("POL-68",),
                _("Everybody can read whom to ask: the teacher, the helpdesk or the management."),
                ("groups.records.services.contacts:contacts_of",),
                settings=("helpdesk",),
            ),
            PromiseLine(
                ("POL-70",),
                _("The school asks what people think of Kring, and sees figures for each group. Without names."),
                (
                    "moderation.rules.services.evaluations:answer_evaluation",
                    "moderation.frequency.services.figures:figures_for",
                ),
                figures=("evaluations",),
            ),
        ),
    ),
)
