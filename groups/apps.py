from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

    def ready(self) -> None:
        from groups import claim_mail, mail, signals  # noqa: F401, PLC0415 - models must be loaded first
        from groups.domain.trail import DONE  # noqa: PLC0415
        from groups.menu import ENTRIES  # noqa: PLC0415
        from groups.models import ChildGrant, GroupGrant, Membership, SchoolGrant  # noqa: PLC0415
        from groups.services import notices, truth  # noqa: PLC0415
        from portal.core import access, audit, menu, outbox  # noqa: PLC0415
        from portal.core.models import OutboxState  # noqa: PLC0415

        access.register(access.Projection(Membership, truth.MembershipReason._fields, truth.derive, "group__school"))
        access.register(access.Projection(GroupGrant, access.GRANT, truth.group_rights, few=True))
        access.register(
            access.Projection(ChildGrant, access.GRANT, truth.child_rights, of=access.of_users_and_children, few=True)
        )
        access.register(access.Projection(SchoolGrant, access.GRANT, truth.school_rights, "content_object", few=True))
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
        menu.register(*ENTRIES)
        audit.register(DONE)
