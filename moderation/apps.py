from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from moderation.mail import cases, dossier, evaluations, frequency, protocols  # noqa: PLC0415 - models must be loaded first
        from moderation.services import frequency_hints, news  # noqa: PLC0415
        from portal.core import outbox  # noqa: PLC0415

        outbox.register(news.CASE_OPENED, cases.render_opened)
        outbox.register(news.REPORT_HANDLED, cases.render_handled)
        outbox.register(news.KIND_NOTE, cases.render_notes)
        outbox.register(news.ACCESS_REQUEST, cases.render_access_requests)
        outbox.register("dossier_heads", dossier.render_heads)
        outbox.register("protocol_reminder", protocols.render_reminders)
        outbox.register("evaluation_opened", evaluations.render_invitations, newsletter=True)
        outbox.register(frequency_hints.HINT, frequency.render_hints, newsletter=True)
