from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "agenda"

    def ready(self) -> None:
        """Each room registers what it has, from the lowest to the highest."""
        from agenda.events import wiring as events  # noqa: PLC0415 - models must be loaded first
        from agenda.feeds import wiring as feeds  # noqa: PLC0415
        from agenda.planning import wiring as planning  # noqa: PLC0415

        for room in (events, planning, feeds):
            room.register()
