"""What says whose tokens a client may exchange."""

from sqlalchemy import bindparam, select

from authserver.oauth.exchange.models import ExchangeRule

FIND_RULE = select(ExchangeRule.audiences, ExchangeRule.ways).where(
    ExchangeRule.tenant_id == bindparam("tenant_id"),
    ExchangeRule.client_id == bindparam("client_id"),
    ExchangeRule.subject_client_id == bindparam("subject_client_id"),
)
