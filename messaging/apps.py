from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from consent.services.decisions import ANSWERED  # noqa: PLC0415 - models must be loaded first
        from groups.menu import GROUP, HOME  # noqa: PLC0415
        from messaging.domain.trail import DONE  # noqa: PLC0415
        from messaging.mail import (  # noqa: PLC0415 - models must be loaded first
            conversations,
            editions,
            handins,
            refusals,
            steps,
        )
        from messaging.menu import ENTRIES  # noqa: PLC0415
        from messaging.models import Seat, ThreadGrant  # noqa: PLC0415
        from messaging.services import newcomers, seats, thread_rights  # noqa: PLC0415
        from portal.core import access, addresses, audit, jobs, menu, outbox  # noqa: PLC0415

        access.register_follower("messaging.Thread", newcomers.follow_tasks)
        access.register(access.Projection(Seat, seats.COLUMNS, seats.seats, "thread__school", of=seats.of_people))
        access.register(access.Projection(ThreadGrant, thread_rights.COLUMNS, thread_rights.thread_rights))
        outbox.register("message", conversations.render_messages)
        outbox.register("thread_step", steps.render_steps)
        outbox.register("handin", handins.render_handins)
        outbox.register("photos_hidden", refusals.render_receipts)
        outbox.register("messages", editions.render_edition)
        outbox.register("digest", editions.render_edition, newsletter=True)
        jobs.register_follower(ANSWERED, "messaging.follow_refusals")
        menu.register(*ENTRIES)
        addresses.register(HOME, "messaging:feed")
        addresses.register(GROUP, "messaging:group")
        audit.register(DONE)
