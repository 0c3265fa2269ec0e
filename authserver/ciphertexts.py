"""Every column whose values are encrypted under a master key: a new key has to reach them all.

A test asks of every binary column whether it is here or why it is not. A value is bound to its
table, column and primary key (`Place`).
"""

from authserver.accounts.models import KnownDevice
from authserver.admin.models import IdempotencyKey
from authserver.api_keys.models import ApiKey
from authserver.audit.anchors.models import TrailContradiction
from authserver.audit.checkpoints.models import TrailKey
from authserver.audit.models import AuditSubject
from authserver.clients.models import ClientSecret
from authserver.delivery.models import OutboxMessage
from authserver.federation.models import FederationConnection, ProviderToken
from authserver.jobs.models import JobPart
from authserver.mfa.models import TotpFactor, TrustedBrowser
from authserver.oauth.device.models import DeviceAuthorization
from authserver.ops.reencryption import Encrypted
from authserver.privacy.exports.models import DataExportPart
from authserver.sessions.models import UserSession
from authserver.tenants.models import Installation
from authserver.tokens.models import SigningKey
from authserver.trail_exports.models import TrailExportPart
from authserver.webhooks.models import WebhookSecret

# What many processes wait for comes first, what there is most of last.
COLUMNS = (
    Encrypted(Installation, "key_check"),
    Encrypted(Installation, "password_pepper"),
    Encrypted(SigningKey, "private_key"),
    Encrypted(TrailKey, "private_key"),
    Encrypted(TrailContradiction, "accepted"),
    Encrypted(ClientSecret, "sealed"),
    Encrypted(FederationConnection, "client_secret"),
    Encrypted(WebhookSecret, "sealed"),
    Encrypted(ProviderToken, "access_token"),
    Encrypted(ProviderToken, "refresh_token"),
    Encrypted(TotpFactor, "seed"),
    Encrypted(TrustedBrowser, "device"),
    Encrypted(KnownDevice, "device"),
    Encrypted(OutboxMessage, "content"),
    Encrypted(IdempotencyKey, "answer"),
    Encrypted(JobPart, "content"),
    Encrypted(DataExportPart, "content"),
    Encrypted(TrailExportPart, "content"),
    Encrypted(AuditSubject, "wrapped_key"),
    Encrypted(ApiKey, "last_used_address"),
    Encrypted(DeviceAuthorization, "address"),
    Encrypted(UserSession, "address"),
    Encrypted(UserSession, "user_agent"),
    Encrypted(UserSession, "device"),
)
