from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import policies  # noqa: PLC0415 - models must be loaded first
        from messaging.mail import conversations, editions, handins, refusals, steps  # noqa: PLC0415
        from messaging.models import Thread, ThreadGrant  # noqa: PLC0415
        from messaging.services import chairs, newcomers  # noqa: PLC0415
        from portal.core import access, outbox  # noqa: PLC0415

        access.register(
            access.Container(
                Thread,
                ThreadGrant,
                chairs.expected_thread_grants,
                policies.may_on_thread,
                newcomers.follow_tasks,
            )
        )
        outbox.register("message", conversations.render_messages)
        outbox.register("thread_step", steps.render_steps)
        outbox.register("handin", handins.render_handins)
        outbox.register("photos_hidden", refusals.render_receipts)
        outbox.register("messages", editions.render_edition)
        outbox.register("digest", editions.render_edition, newsletter=True)
