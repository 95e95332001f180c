from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        from consent import mail  # noqa: PLC0415 - models must be loaded first
        from consent.domain.rounds import RoundMail  # noqa: PLC0415
        from consent.domain.trail import DONE  # noqa: PLC0415
        from consent.menu import ENTRIES  # noqa: PLC0415
        from consent.models import Clearance  # noqa: PLC0415
        from consent.services import clearances  # noqa: PLC0415
        from portal.core import access, audit, menu, outbox  # noqa: PLC0415

        access.register(
            access.Projection(
                Clearance,
                clearances.COLUMNS,
                clearances.project,
                "school",
                of=clearances.of_people,
                reach=clearances.reach,
                hold=clearances.hold,
            )
        )
        outbox.register("consent_receipt", mail.render_receipts)
        for letter in RoundMail:
            outbox.register(letter, mail.render_letters)
        menu.register(*ENTRIES)
        audit.register(DONE)
