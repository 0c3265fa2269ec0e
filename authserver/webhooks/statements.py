"""What every event asks of webhooks. Each has its tenant as a value or a parameter."""

from sqlalchemy import bindparam, insert, select

from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint

INSERT_DELIVERY = insert(WebhookDelivery.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause

# Few tenants have any: the others cost one look into a set.
TENANTS_THAT_LISTEN = select(WebhookEndpoint.tenant_id).distinct()

ENDPOINTS_OF_TENANT = select(WebhookEndpoint.id, WebhookEndpoint.events).where(
    WebhookEndpoint.tenant_id == bindparam("tenant_id")
)
