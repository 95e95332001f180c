"""Every service that writes leaves a line in the audit trail, itself or by what it calls."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.layers import ROOT, modules

Function = tuple[str, str]
"""Module and name."""
RECORDS = {("portal.core.audit", "record"), ("portal.core.audit", "record_each")}
PART = "a part of an act that leaves the line"
TOLD = "the act that is told leaves the line"
MAIL = "mail only: the outbox is its trail"
SWEEPS = "sweeps up what nobody finished"
RESTORED = "a part of a restore, which leaves the line"
READING = "when somebody reads is nobody's to follow"
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "save", "update", "delete", "enqueue"}

SILENT = {
    "agenda.events.services.events": {"forget_events": SWEEPS},
    "consent.asking.services.letters": {"send_receipt": MAIL},
    "groups.accounts.services.accounts": {"settle_passkey_offer": "whether a hint is shown"},
    "groups.first_day.services.opening": {"tell_at_new_addresses": MAIL},
    "groups.letters.services.claim_news": dict.fromkeys(
        ["tell_confirmed", "tell_denied", "tell_of_claim", "tell_unlinked"], MAIL
    ),
    "groups.letters.services.pupil_news": {"tell_of_pupil": MAIL},
    "groups.accounts.services.mailed_codes": {"mail_code": "coming in and wrong codes are in the trail"},
    "groups.accounts.services.notices": {"send_notice": MAIL},
    "groups.accounts.services.sessions": {"close_sessions_of": "the new password that ended them is noted"},
    "groups.letters.services.people": {
        "account_for": "an account owns nothing until a claim, which is noted",
        "open_account": "an account owns nothing until a claim, which is noted",
    },
    "groups.people.services.guardianships": {"decided_again": RESTORED},
    "groups.roster.services.functions": {"follow_functions": "the file that changed the tasks is in the trail"},
    "groups.roster.services.postal_addresses": dict.fromkeys(
        ["forget_phones", "forget_postal_addresses"], "what a list wrote goes with its term"
    ),
    "groups.roster.services.roster_uploads": {"sweep_uploads": SWEEPS},
    "groups.roster.services.roster_writing": {"write_plan": PART},
    "groups.letters.services.staff_news": {"tell_colleagues": MAIL},
    "messaging.newsletter.services.editions": dict.fromkeys(["bundle_posts", "bundle_begun"], MAIL),
    "messaging.newsletter.services.register": {"note_leaving": MAIL},
    "messaging.newsletter.services.trial": {"send_trial": "a mail to oneself"},
    "messaging.asks.services.answering": {
        "answer_ask": "nobody reads who answered, and the directie reads the trail",
        "drop_answers": PART,
        "forget_answers": SWEEPS,
    },
    "messaging.asks.services.helping": {
        "sign_on": "nobody but staff reads who helps, and the directie reads the trail",
        "sign_off": "the same",
        **dict.fromkeys(["move_helpers", "drop_helpers", "leave_all"], PART),
        "forget_phones": SWEEPS,
        "pass_places_on": "the same as signing off",
    },
    "messaging.asks.services.reminders": {"remind_helpers": "the places of who left go to who waits"},
    "messaging.asks.services.coming": dict.fromkeys(
        ["pass_on_numbers", "take_over_numbers", "seat", "seat_anew", "drop_seats"], PART
    ),
    "messaging.asks.services.together": {"hand_on": PART},
    "messaging.asks.services.voting": {"vote": "a line would say when somebody chose", "drop_votes": PART},
    "messaging.removing.services.again": {"blurred_again": RESTORED},
    "messaging.photos.services.blurring": {"forget_reported": PART},
    "messaging.photos.services.gate": dict.fromkeys(["keep_depictions", "keep_marks", "keep_only_child"], PART),
    "messaging.handins.services.handin_news": dict.fromkeys(["tell_judges", "tell_writer"], MAIL),
    "messaging.photos.services.images": {
        "sweep_uploads": SWEEPS,
        **dict.fromkeys(["look_at_uploads", "upload_images"], "nobody sees a photo before it is placed"),
    },
    "messaging.talks.services.message_news": dict.fromkeys(["tell_of_step", "tell_of_steps", "tell_readers"], MAIL),
    "messaging.photos.services.placements": {
        **dict.fromkeys(["change_images", "place_images", "place_in_message"], PART),
        "clear_phone": "a word to oneself: the photos are off the phone",
    },
    "groups.told.services": {"tell": TOLD, "tell_all": TOLD, "put_away": "a word to oneself: it was read"},
    "messaging.keeping.services": dict.fromkeys(
        ["keep", "keep_called_back", "forget", "forget_old"], "unsent words are nobody else's"
    ),
    "groups.roster.services.colours": {"give_colours": PART},
    "messaging.writings.services.telling": {"tell_writer": TOLD},
    "moderation.cases.services.telling": {"tell_about": TOLD, "tell_of_left_answers": MAIL},
    "messaging.photos.services.refusals": {"follow_refusals": MAIL},
    "messaging.removing.services.removal": dict.fromkeys(["clear_report", "note_report"], PART),
    "messaging.urgent.services.following": {"follow_essentials": MAIL},
    "messaging.urgent.services.readers": {"note_read": READING},
    "messaging.urgent.services.standing": {"begin_anew": PART},
    "messaging.writings.services.seen": dict.fromkeys(["keep_seen", "mark_seen"], READING),
    "messaging.talks.services.threads": {"mark_messages_read": READING},
    "messaging.writings.services.written": dict.fromkeys(["ask_to_change", "keep_versions"], PART),
    "moderation.desk.services.bulk": {"work_on_act": "begun in the trail; the services it calls note each thing"},
    "moderation.dossier.services.dossier_heads": {"mail_heads": MAIL},
    "moderation.rules.services.evaluations": {"answer_evaluation": "nobody may know who answered"},
    "moderation.cases.services.news": dict.fromkeys(
        [
            "tell_handlers",
            "tell_of_left_cases",
            "tell_reporters",
        ],
        MAIL,
    ),
    "moderation.kind_words.services.words": {"forget_words": SWEEPS},
    "moderation.access_requests.services.news": dict.fromkeys(
        ["tell_of_left_requests", "tell_preparer", "tell_second_persons", "tell_who_answers", "tell_who_asked"], MAIL
    ),
    "moderation.promises.services.promises": {"account_of": "reads only"},
    "moderation.promises.services.promise_checks": {"check_promises": "a count of each night; only the last is kept"},
}
"""Services that write and leave no line, each with its reason."""

KINDS = {
    "sign-in and its failures": [
        ("groups.doors.adapters", "post_login"),
        ("groups.doors.adapters", "authentication_failed"),
        ("groups.accounts.services.guessing", "guess_code"),
        ("groups.doors.signals", "second_step_refused"),
        ("groups.doors.forms.signing_in", "_sound_passkey"),
        ("groups.doors.views.doors", "sign_out"),
        ("groups.accounts.services.sessions", "sign_out_everywhere"),
    ],
    "keys of an account": [
        ("groups.doors.signals", "password_changed"),
        ("groups.doors.signals", "key_made"),
        ("groups.doors.signals", "key_removed"),
        ("groups.accounts.services.accounts", "note_passkey"),
        ("groups.accounts.services.second_step", "take_off_second_step"),
        ("groups.doors.adapters", "confirm_email"),
    ],
    "admissions": [
        ("groups.letters.services.people", "claim_records"),
        ("groups.letters.services.claims", "unlink_account"),
        ("groups.letters.services.claims", "confirm_claim"),
        ("groups.letters.services.claims", "deny_claim"),
        ("groups.letters.services.invitations", "print_letter"),
        ("groups.letters.services.invitations", "use_letter"),
        ("groups.people.services.pupils", "print_pupil_letters"),
        ("groups.people.services.pupils", "withdraw_pupil_letter"),
        ("groups.people.services.pupils", "unlink_pupil"),
        ("groups.staff.services.staff", "invite_staff"),
        ("groups.roster.services.roster", "import_roster"),
    ],
    "authority changes": [
        ("groups.people.services.guardianships", "decide_guardianship"),
        ("groups.people.services.guardianships", "end_guardianship"),
        ("groups.people.services.restrictions", "restrict_person"),
        ("groups.people.services.restrictions", "end_restriction"),
        ("groups.people.services.shields", "shield_child"),
        ("groups.people.services.shields", "lift_shield"),
    ],
    "role changes": [
        ("groups.staff.services.staff", "appoint"),
        ("groups.staff.services.staff", "end_assignment"),
        ("groups.staff.services.staff", "seat_council_member"),
        ("groups.staff.services.staff", "end_seat"),
    ],
    "permission repairs": [("groups.records.services.memberships", "check_access")],
    "placing": [
        ("agenda.events.services.events", "make_event"),
        ("messaging.posts.services.posts", "publish_post"),
        ("messaging.posts.services.replies", "publish_reply"),
        ("messaging.talks.services.threads", "start_thread"),
        ("messaging.talks.services.threads", "write_message"),
        ("messaging.handins.services.handins", "hand_in"),
        ("messaging.handins.services.handins", "approve_handin"),
        ("messaging.handins.services.handins", "place_handin"),
    ],
    "editing": [
        ("agenda.events.services.events", "edit_event"),
        ("messaging.posts.services.posts", "edit_post"),
        ("messaging.writings.services.written", "edit_words"),
        ("messaging.photos.services.blurring", "blur_image"),
    ],
    "removing": [
        ("agenda.events.services.events", "cancel_event"),
        ("agenda.events.services.events", "skip_day"),
        ("messaging.removing.services.removal", "remove_written"),
        ("messaging.removing.services.removal", "remove_photo"),
        ("messaging.removing.services.removal", "retract_written"),
        ("messaging.removing.services.removal", "retract_post"),
        ("messaging.writings.services.written", "hide_written"),
        ("messaging.writings.services.written", "show_written"),
    ],
    "consent decisions": [
        ("consent.answers.services.decisions", "decide_for_child"),
        ("consent.answers.services.decisions", "decide_as_pupil"),
        ("consent.answers.services.decisions", "decide_for_self"),
        ("consent.paper.services", "record_paper"),
        ("consent.answers.services.reluctance", "note_reluctance"),
    ],
    "dossier reading": [
        ("moderation.dossier.services.dossier", "open_copy"),
        ("moderation.dossier.services.dossier", "open_copies"),
        ("moderation.dossier.services.dossier", "check_chain"),
        ("moderation.dossier.services.dossier", "confirm_destruction"),
    ],
    "exports": [
        ("consent.overview.services", "export_lines"),
        ("consent.overview.services", "print_forms"),
        ("moderation.rules.services.acknowledging", "export_overview"),
        ("moderation.cases.services.looking", "open_file"),
        ("moderation.access_requests.services.access_requests", "approve_copy"),
        ("moderation.access_requests.services.access_requests", "note_printing"),
        ("moderation.access_requests.services.access_requests", "hand_over"),
    ],
    "settings": [
        ("groups.accounts.services.accounts", "change_settings"),
        ("groups.people.services.contact_choices", "choose_way"),
        ("groups.schools.services", "change_school"),
        ("groups.schools.services", "change_signature"),
        ("groups.schools.services", "change_hours"),
        ("groups.schools.services", "set_holiday"),
        ("messaging.newsletter.services.forewords", "write_foreword"),
        ("consent.rounds.services.rules", "change_rules"),
        ("consent.asking.services.texts", "write_text"),
        ("moderation.dossier.services.dossier", "change_terms"),
        ("moderation.rules.services.protocols", "put_in_force"),
    ],
}
"""What the trail has to hold (the words of the step that asked for it), and what writes it."""


@cache
def functions() -> dict[Function, ast.FunctionDef]:
    """Every function of our apps that may write."""
    packages = ("services", "audit", "dossier", "submissions", "versions", "outbox", "access", "transitions")
    doors = ("adapters", "signals", "forms", "views")
    return {
        (name_of(path), node.name): node
        for path in modules(*packages, *doors)
        for node in functions_in(ast.parse(path.read_text()))
    }


def functions_in(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Those at the top, and the methods of its classes."""
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (one for one in inside if isinstance(one, ast.FunctionDef))


def name_of(path: object) -> str:
    return str(path).removeprefix(f"{ROOT}/").removesuffix(".py").replace("/", ".")


@cache
def known_as(module: str) -> dict[str, tuple[str, str]]:
    """What the names of a module stand for: a module, or a function of one."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    found = {name: (module, name) for place, name in functions() if place == module}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return found


def called_by(function: Function) -> Iterator[Function]:
    known = known_as(function[0])
    for node in ast.walk(functions()[function]):
        if isinstance(node, ast.Name) and node.id in known:
            yield known[node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            package, name = known[node.value.id]
            yield f"{package}.{name}", node.attr


@cache
def reached_by(function: Function) -> frozenset[Function]:
    """Everything that runs when this function does, as far as it is ours."""
    found, ahead = set(), [function]
    while ahead:
        current = ahead.pop()
        if current not in found:
            found.add(current)
            ahead += [one for one in called_by(current) if one in functions()] if current in functions() else []
    return frozenset(found)


def writes(function: Function) -> bool:
    node = functions().get(function)
    return node is not None and any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WRITES
        for call in ast.walk(node)
    )


def writing_services() -> list[Function]:
    return sorted(
        function
        for function in functions()
        if ".services." in f"{function[0]}."
        and not function[1].startswith("_")
        and any(writes(one) for one in reached_by(function) if one not in RECORDS)
    )


def test_the_walk_finds_what_writes() -> None:
    """As many services as there are acts, about: a walk that finds none would find nothing missing."""
    assert len(writing_services()) > 100


def test_a_service_that_writes_leaves_a_line_in_the_trail() -> None:
    silent = {(module, name) for module, names in SILENT.items() for name in names}
    assert {function for function in writing_services() if not RECORDS & reached_by(function)} == silent


def test_the_trail_holds_every_kind() -> None:
    asked = {(kind, function) for kind, found in KINDS.items() for function in found}
    held = {(kind, function) for kind, function in asked if function in functions() and RECORDS & reached_by(function)}
    assert asked - held == set()
