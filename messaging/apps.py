from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        """Each room registers what it has, from the lowest to the highest."""
        from messaging.asks import wiring as asks  # noqa: PLC0415 - models must be loaded first
        from messaging.handins import wiring as handins  # noqa: PLC0415
        from messaging.newsletter import wiring as newsletter  # noqa: PLC0415
        from messaging.photos import wiring as photos  # noqa: PLC0415
        from messaging.posts import wiring as posts  # noqa: PLC0415
        from messaging.removing import wiring as removing  # noqa: PLC0415
        from messaging.talks import wiring as talks  # noqa: PLC0415
        from messaging.urgent import wiring as urgent  # noqa: PLC0415
        from messaging.writings import wiring as writings  # noqa: PLC0415

        for room in (writings, photos, asks, newsletter, posts, urgent, talks, handins, removing):
            room.register()
