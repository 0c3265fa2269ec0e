"""How the console is built: its frame, its screens, the door before them."""

from collections.abc import Sequence

from flask import Blueprint

from authserver.account.access import Access
from authserver.admin.console.asking import Asking
from authserver.admin.console.documentation import DocumentationPage
from authserver.admin.console.frame import Console
from authserver.admin.console.routes import Door, blueprint
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.clients.acts import ClientActScreens
from authserver.admin.console.screens.clients.registrations import RegistrationScreens
from authserver.admin.console.screens.clients.registry import ClientScreens
from authserver.admin.console.screens.clients.using import ClientUseScreens
from authserver.admin.console.screens.connections.acts import ConnectionActScreens
from authserver.admin.console.screens.connections.connections import ConnectionScreens
from authserver.admin.console.screens.connections.place import OF_PLATFORM, OF_TENANT
from authserver.admin.console.screens.home import Home
from authserver.admin.console.screens.keys.api_keys import ApiKeyScreens
from authserver.admin.console.screens.keys.signing import SigningKeyScreens
from authserver.admin.console.screens.overview import OverviewScreen
from authserver.admin.console.screens.people.acts import ActScreens
from authserver.admin.console.screens.people.guests import GuestScreens
from authserver.admin.console.screens.people.imports import ImportScreens
from authserver.admin.console.screens.people.invitations import InvitationScreens
from authserver.admin.console.screens.people.people import PeopleScreens
from authserver.admin.console.screens.people.person import PersonScreens
from authserver.admin.console.screens.people.privacy import PersonPrivacy
from authserver.admin.console.screens.people.roles import PersonRoles
from authserver.admin.console.screens.privacy.erasures import ErasureScreens
from authserver.admin.console.screens.privacy.registry import RegistryScreen
from authserver.admin.console.screens.resource_servers.resource_servers import (
    ResourceServerScreens,
)
from authserver.admin.console.screens.roles.holders import HolderScreens
from authserver.admin.console.screens.roles.roles import RoleScreens
from authserver.admin.console.screens.running.anchors import AnchorScreens
from authserver.admin.console.screens.running.deliveries import DeliveryScreens
from authserver.admin.console.screens.running.health import HealthScreen
from authserver.admin.console.screens.tenants.arrivals import ArrivalScreens
from authserver.admin.console.screens.tenants.copies import CopyScreens
from authserver.admin.console.screens.tenants.domains import DomainScreens
from authserver.admin.console.screens.tenants.limits import LimitScreens
from authserver.admin.console.screens.tenants.opening import OpeningScreens
from authserver.admin.console.screens.tenants.policy import PolicyScreens
from authserver.admin.console.screens.tenants.settings import SettingScreens
from authserver.admin.console.screens.tenants.tenants import TenantScreens
from authserver.admin.console.screens.tenants.tier import TierScreens
from authserver.admin.console.screens.trail.contact import ContactScreens
from authserver.admin.console.screens.trail.exports import TrailExportScreens
from authserver.admin.console.screens.trail.proof import ProofScreen
from authserver.admin.console.screens.trail.trail import TrailScreens
from authserver.admin.console.screens.usage.usage import UsageScreens
from authserver.admin.console.screens.webhooks.deliveries import DeliveryOfWebhookScreens
from authserver.admin.console.screens.webhooks.webhooks import WebhookScreens
from authserver.admin.console.visitor import Visitors
from authserver.admin.rest.idempotency import Answers
from authserver.sessions.cookies import CookiePolicy
from authserver.wiring.administration import Administration
from authserver.wiring.services import Services


def screens(console: Console, services: Services) -> Sequence[Screen]:
    """Return every screen, in the order in which the navigation shows them within a group."""
    return (
        *OverviewScreen(console).screens(),
        *people(console),
        *RoleScreens(console).screens(),
        *HolderScreens(console).screens(),
        *TenantScreens(console).screens(),
        *TierScreens(console).screens(),
        *SettingScreens(console).screens(),
        *PolicyScreens(console).screens(),
        *LimitScreens(console).screens(),
        *DomainScreens(console).screens(),
        *CopyScreens(console).screens(),
        *ArrivalScreens(console).screens(),
        *OpeningScreens(console).screens(),
        *client_screens(console, services),
        *UsageScreens(console).screens(),
        *trail_screens(console, services),
        *ApiKeyScreens(console).screens(),
        *SigningKeyScreens(
            console, services.clock, rotation=services.settings.key_rotation
        ).screens(),
        *ErasureScreens(console).screens(),
        *RegistryScreen(console).screens(),
        *DeliveryScreens(console).screens(),
        *HealthScreen(console).screens(),
        *AnchorScreens(console).screens(),
    )


def people(console: Console) -> Sequence[Screen]:
    """Return the screens about people."""
    return (
        *PeopleScreens(console).screens(),
        *PersonScreens(console).screens(),
        *PersonPrivacy(console).screens(),
        *PersonRoles(console).screens(),
        *ActScreens(console).screens(),
        *GuestScreens(console).screens(),
        *InvitationScreens(console).screens(),
        *ImportScreens(console).screens(),
    )


def trail_screens(console: Console, services: Services) -> Sequence[Screen]:
    """Return the screens about what happened."""
    return (
        *TrailScreens(console, services.clock).screens(),
        *ProofScreen(console, services.settings.issuer).screens(),
        *TrailExportScreens(console).screens(),
        *ContactScreens(console).screens(),
    )


def client_screens(console: Console, services: Services) -> Sequence[Screen]:
    """Return the screens about clients, APIs, webhooks and providers."""
    return (
        *ClientScreens(console).screens(),
        *ClientActScreens(console).screens(),
        *ClientUseScreens(console).screens(),
        *ResourceServerScreens(console).screens(),
        *WebhookScreens(console).screens(),
        *DeliveryOfWebhookScreens(console).screens(),
        *ConnectionScreens(console, OF_TENANT).screens(),
        *ConnectionActScreens(console, OF_TENANT).screens(),
        *RegistrationScreens(console, services.clock).screens(),
        *ConnectionScreens(console, OF_PLATFORM).screens(),
        *ConnectionActScreens(console, OF_PLATFORM).screens(),
    )


def api_documentation(services: Services, cookies: CookiePolicy) -> Blueprint:
    """Return the page that describes the API."""
    access = Access(
        services.sessions,
        services.database,
        cookies=cookies,
        clock=services.clock,
        names=services.caches.names,
    )
    return DocumentationPage(access).routes()


def console_pages(
    services: Services, administration: Administration, cookies: CookiePolicy
) -> Blueprint:
    """Return the pages under /console."""
    asking = Asking(
        administration.operations,
        administration.desk,
        answers=Answers(services.keyring),
        clock=services.clock,
    )
    visitors = Visitors(
        services.sessions,
        services.database,
        roles=services.roles,
        cookies=cookies,
        clock=services.clock,
        names=services.caches.names,
    )
    door = Door(visitors, asking, administration.reach, services.database, services.limiter)
    console = Console(asking, services.caches.names)
    return blueprint(console, screens(console, services), door=door, home=Home(console).show)
