from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        from groups import claim_mail, mail, policies, signals  # noqa: F401, PLC0415 - models must be loaded first
        from groups.models import Child, ChildGrant, Group, GroupGrant  # noqa: PLC0415
        from groups.services import notices, truth  # noqa: PLC0415
        from portal.core import access, outbox  # noqa: PLC0415
        from portal.core.models import OutboxState  # noqa: PLC0415

        access.register(access.Container(Group, GroupGrant, truth.expected_group_grants, policies.may_on_group))
        access.register(access.Container(Child, ChildGrant, truth.expected_child_grants, policies.may_on_child))
        outbox.register("admitted", mail.render_admitted)
        outbox.register("invited", mail.render_invited)
        outbox.register("code", mail.render_codes, lane=outbox.Lane.FAST)
        outbox.register(notices.KIND, mail.render_notices, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
        for kind, render in claim_mail.NOTICES.items():
            outbox.register(kind, render, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
        outbox.register("claim_to_teachers", claim_mail.render_claim_to_teachers)
        outbox.register("claim_settled", claim_mail.render_claim_settled)
        outbox.register("claim_denied", claim_mail.render_claim_denied)
        outbox.register("staff_welcome", mail.render_staff_welcome)
        outbox.register("staff_arrived", mail.render_staff_arrived, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
