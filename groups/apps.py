from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        """Each room registers what it has, from the lowest to the highest."""
        from groups.accounts import wiring as accounts  # noqa: PLC0415 - models must be loaded first
        from groups.doors import wiring as doors  # noqa: PLC0415
        from groups.first_day import wiring as first_day  # noqa: PLC0415
        from groups.letters import wiring as letters  # noqa: PLC0415
        from groups.people import wiring as people  # noqa: PLC0415
        from groups.records import wiring as records  # noqa: PLC0415
        from groups.roster import wiring as roster  # noqa: PLC0415
        from groups.schools import wiring as schools  # noqa: PLC0415
        from groups.staff import wiring as staff  # noqa: PLC0415
        from groups.told import wiring as told  # noqa: PLC0415

        for room in (records, told, accounts, letters, people, first_day, staff, schools, roster, doors):
            room.register()
