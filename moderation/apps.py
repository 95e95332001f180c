from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"

    def ready(self) -> None:
        """Each room registers what it has, from the lowest to the highest."""
        from moderation.access_requests import wiring as access_requests  # noqa: PLC0415 - models must be loaded first
        from moderation.cases import wiring as cases  # noqa: PLC0415
        from moderation.desk import wiring as desk  # noqa: PLC0415
        from moderation.dossier import wiring as dossier  # noqa: PLC0415
        from moderation.frequency import wiring as frequency  # noqa: PLC0415
        from moderation.kind_words import wiring as kind_words  # noqa: PLC0415
        from moderation.leaving import wiring as leaving  # noqa: PLC0415
        from moderation.restoring import wiring as restoring  # noqa: PLC0415
        from moderation.rules import wiring as rules  # noqa: PLC0415

        for room in (kind_words, cases, rules, frequency, dossier, access_requests, desk, leaving, restoring):
            room.register()
