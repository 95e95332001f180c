from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self) -> None:
        """Each room registers what it has, from the lowest to the highest."""
        from consent.answers import wiring as answers  # noqa: PLC0415 - models must be loaded first
        from consent.asking import wiring as asking  # noqa: PLC0415
        from consent.clearances import wiring as clearances  # noqa: PLC0415
        from consent.overview import wiring as overview  # noqa: PLC0415
        from consent.rounds import wiring as rounds  # noqa: PLC0415

        for room in (asking, answers, clearances, overview, rounds):
            room.register()
