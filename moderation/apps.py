from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        from messaging.menu import REPORT, REPORT_AUTHOR  # noqa: PLC0415 - models must be loaded first
        from moderation.domain.trail import DONE  # noqa: PLC0415
        from moderation.mail import cases, dossier, evaluations, frequency, protocols  # noqa: PLC0415 - models must be loaded first
        from moderation.menu import ENTRIES  # noqa: PLC0415
        from moderation.models import AccessRequestGrant, CaseGrant  # noqa: PLC0415
        from moderation.services import frequency_hints, news, rights  # noqa: PLC0415
        from portal.core import access, addresses, audit, menu, outbox  # noqa: PLC0415

        for rows, project, reach, elsewhere, spares in (
            (CaseGrant, rights.case_rights, rights.cases_of_family, rights.cases_elsewhere, rights.spared_by_cases),
            (
                AccessRequestGrant,
                rights.access_request_rights,
                rights.requests_of_family,
                rights.requests_elsewhere,
                rights.spared_by_requests,
            ),
        ):
            projection = access.Projection(
                rows,
                access.GRANT,
                project,
                of=access.of_users_and_containers,
                reach=reach,
                elsewhere=elsewhere,
                spares=spares,
            )
            access.register(projection)
        outbox.register(news.CASE_OPENED, cases.render_opened)
        outbox.register(news.REPORT_HANDLED, cases.render_handled)
        outbox.register(news.KIND_NOTE, cases.render_notes)
        outbox.register(news.ACCESS_REQUEST, cases.render_access_requests)
        outbox.register("dossier_heads", dossier.render_heads)
        outbox.register("protocol_reminder", protocols.render_reminders)
        outbox.register("evaluation_opened", evaluations.render_invitations, newsletter=True)
        outbox.register(frequency_hints.HINT, frequency.render_hints, newsletter=True)
        menu.register(*ENTRIES)
        addresses.register(REPORT, "moderation:report")
        addresses.register(REPORT_AUTHOR, "moderation:report_author")
        audit.register(DONE)
