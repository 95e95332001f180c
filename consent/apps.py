from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        from consent import mail  # noqa: PLC0415 - models must be loaded first
        from consent.domain.rounds import Letter  # noqa: PLC0415
        from portal.core import outbox  # noqa: PLC0415

        outbox.register("consent_receipt", mail.render_receipts)
        for letter in Letter:
            outbox.register(letter, mail.render_letters)
