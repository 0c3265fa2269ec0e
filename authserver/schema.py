"""Imports every models.py once: for migrations, and for tests that walk the tables."""

from authserver.accounts import models as accounts
from authserver.admin import models as admin
from authserver.api_keys import models as api_keys
from authserver.audit import models as audit
from authserver.audit.anchors import models as anchors
from authserver.audit.checkpoints import models as checkpoints
from authserver.audit.contacts import models as contacts
from authserver.audit.sequencing import models as sequencing
from authserver.clients import models as clients
from authserver.clients.registering import models as registering
from authserver.clients.resources import models as resources
from authserver.core.database.tenancy import Base
from authserver.delivery import models as delivery
from authserver.federation import models as federation
from authserver.invitations import models as invitations
from authserver.jobs import models as jobs
from authserver.links import models as links
from authserver.mfa import models as mfa
from authserver.moving import models as moving
from authserver.oauth import models as oauth
from authserver.oauth.assertions import models as assertions
from authserver.oauth.device import models as devices
from authserver.oauth.dpop import models as proofs
from authserver.oauth.exchange import models as exchange
from authserver.passkeys import models as passkeys
from authserver.privacy.consents import models as consent_records
from authserver.privacy.erasure import models as erasures
from authserver.privacy.exports import models as exports
from authserver.privacy.keeping import models as keeping
from authserver.registration import models as registration
from authserver.roles import models as roles
from authserver.sessions import models as sessions
from authserver.streaming import models as streaming
from authserver.tenants import models as tenants
from authserver.tenants.branding import models as branding
from authserver.tenants.limits import models as limits
from authserver.tokens import models as tokens
from authserver.trail_exports import models as trail_exports
from authserver.usage import models as usage
from authserver.webhooks import models as webhooks

MODULES = (
    accounts,
    admin,
    anchors,
    api_keys,
    assertions,
    audit,
    branding,
    checkpoints,
    clients,
    consent_records,
    contacts,
    delivery,
    devices,
    erasures,
    exchange,
    exports,
    federation,
    invitations,
    jobs,
    keeping,
    limits,
    links,
    mfa,
    moving,
    oauth,
    passkeys,
    proofs,
    registering,
    registration,
    resources,
    roles,
    sequencing,
    sessions,
    streaming,
    tenants,
    tokens,
    trail_exports,
    usage,
    webhooks,
)
metadata = Base.metadata
