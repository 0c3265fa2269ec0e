"""Every event of the catalogue is made somewhere by a test that looks for it."""

import pytest

from authserver.audit.events import EventType
from tests.flows.story import STEPS
from tests.support.source import ROOT

BY_SETTING_UP = {EventType.INSTALLATION_CREATED}
# Only where something changes between two looks: tests/attacks/test_inviters.py.
BY_A_RACE = {EventType.INVITATION_REFUSED}
# Made, and looked for, by the tests of what administrators do.
ADMINISTERED = {
    EventType.API_KEY_CREATED: "api_keys/test_mails.py",
    EventType.API_KEY_EXPIRING: "api_keys/test_mails.py",
    EventType.API_KEY_REVOKED: "api_keys/test_mails.py",
    EventType.IMPORT_CANCELLED: "admin/test_administered_events.py",
    EventType.IMPORT_ENDED: "admin/test_imports_api.py",
    EventType.IMPORT_STARTED: "admin/test_imports_api.py",
    EventType.ROLE_CHANGED: "admin/test_roles_api.py",
    EventType.ROLE_CREATED: "admin/test_roles_api.py",
    EventType.ROLE_DELETED: "admin/test_roles_api.py",
    EventType.TENANT_ARCHIVED: "admin/test_tenant_policy.py",
    EventType.TENANT_COPY_DELETED: "admin/test_copies_api.py",
    EventType.TENANT_COPY_HANDED_OVER: "admin/test_copies_api.py",
    EventType.TENANT_COPY_REQUESTED: "admin/test_copies_api.py",
    EventType.TENANT_COPY_TAKEN: "admin/test_copies_api.py",
    EventType.TENANT_EXPORTED: "flows/test_copies.py",
    EventType.TENANT_FLAGS_CHANGED: "admin/test_administered_events.py",
    EventType.TENANT_IMPORTED: "flows/test_copies.py",
    EventType.TENANT_ISSUER_CHANGED: "admin/test_own_issuers.py",
    EventType.TENANT_LIMIT_CHANGED: "admin/test_administered_events.py",
    EventType.TENANT_LIMIT_USED: "admin/test_tenant_limits.py",
    EventType.TENANT_LOGO_CHANGED: "admin/test_administered_events.py",
    EventType.TENANT_RESTORED: "admin/test_tenant_policy.py",
    EventType.DATA_EXPORT_READY: "privacy/test_exports.py",
    EventType.DATA_EXPORT_REQUESTED: "privacy/test_exports.py",
    EventType.DATA_EXPORT_TAKEN: "privacy/test_exports.py",
    EventType.ERASURE_CANCELLED: "privacy/test_erasure.py",
    EventType.ERASURE_CONFIRMED: "privacy/test_erasure.py",
    EventType.ERASURE_REQUESTED: "privacy/test_erasure.py",
    EventType.LEGAL_HOLD_LIFTED: "privacy/test_erasure.py",
    EventType.LEGAL_HOLD_SET: "privacy/test_erasure.py",
    EventType.USER_ERASED: "privacy/test_erasure.py",
    EventType.TRAIL_PRUNED: "privacy/test_keeping.py",
    EventType.TRAIL_CLOCK_BEHIND: "trail/test_checkpoints.py",
    EventType.TRAIL_CONTACT_ASKED: "trail/test_contacts.py",
    EventType.TRAIL_CONTACT_WITHDRAWN: "trail/test_contacts.py",
    EventType.TRAIL_CONTACT_CHANGED: "trail/test_contacts.py",
    EventType.TRAIL_CONTRADICTED: "trail/test_anchors.py",
    EventType.TRAIL_CONTRADICTION_ACCEPTED: "trail/test_anchors.py",
    EventType.TRAIL_STREAM_MOVED: "streaming/test_streams.py",
    EventType.TRAIL_EXPORTED: "unit/cli/test_verifying.py",
    EventType.TRAIL_EXPORT_CANCELLED: "trail/test_exports.py",
    EventType.TRAIL_EXPORT_REQUESTED: "trail/test_exports.py",
    EventType.TRAIL_EXPORT_WITHDRAWN: "privacy/test_withdrawn.py",
    EventType.TRAIL_PERSONAL_READ: "admin/test_trail_api.py",
    EventType.TRAIL_KEYS_ROTATED: "trail/test_checkpoints.py",
    EventType.WEBHOOK_CHANGED: "webhooks/test_administration.py",
    EventType.WEBHOOK_CREATED: "webhooks/test_administration.py",
    EventType.WEBHOOK_DELETED: "webhooks/test_administration.py",
    EventType.WEBHOOK_DELIVERIES_REPLAYED: "attacks/test_webhooks.py",
    EventType.WEBHOOK_DELIVERY_GIVEN_UP: "webhooks/test_delivery.py",
    EventType.WEBHOOK_PAUSED: "webhooks/test_delivery.py",
    EventType.WEBHOOK_RESUMED: "webhooks/test_administration.py",
    EventType.WEBHOOK_SECRET_ROTATED: "webhooks/test_administration.py",
    EventType.WEBHOOK_TESTED: "webhooks/test_administration.py",
}


@pytest.mark.attack("AUD-11")
def test_every_event_of_the_catalogue_is_made_by_a_flow() -> None:
    assert set(STEPS) | BY_SETTING_UP | BY_A_RACE | set(ADMINISTERED) == set(EventType)


@pytest.mark.parametrize("type_", ADMINISTERED, ids=lambda t: t.value)
def test_what_administrators_do_is_looked_for_where_it_is_tested(type_: EventType) -> None:
    text = (ROOT / "tests" / ADMINISTERED[type_]).read_text()
    assert f'"{type_.value}"' in text or f"EventType.{type_.name}" in text
