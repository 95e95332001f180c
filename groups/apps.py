from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        from groups import mail, policies, signals  # noqa: F401, PLC0415 - models must be loaded first
        from groups.models import Child, ChildGrant, Group, GroupGrant  # noqa: PLC0415
        from groups.services import truth  # noqa: PLC0415
        from portal.core import access, outbox  # noqa: PLC0415

        access.register(access.Container(Group, GroupGrant, truth.expected_group_grants, policies.may_on_group))
        access.register(access.Container(Child, ChildGrant, truth.expected_child_grants, policies.may_on_child))
        outbox.register("admitted", mail.render_admitted)
        outbox.register("invited", mail.render_invited)
