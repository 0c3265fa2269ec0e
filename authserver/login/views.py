"""What templates are given: values made for reading, nothing to call."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import format_datetime

from authserver.accounts.directory import UserSnapshot
from authserver.federation.offered import Offered
from authserver.oauth.device.service import Devices, Waiting
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class AccountView:
    """A signed-in account as pages show it."""

    name: str
    email: str
    tenant_name: str
    picture_url: str | None = None


def account_view(user: UserSnapshot, names: TenantNames) -> AccountView:
    """Return an account, signed in or on the way."""
    picture = user.picture_id and url_for("pictures.image", picture_id=user.picture_id)
    return AccountView(user.name, user.email, names.of(user.tenant_id), picture)


@dataclass(frozen=True)
class DeviceView:
    """A device that waits, as the confirmation shows it. The address is empty if unknown."""

    address: str
    asked_at: str


def device_view(waiting: Waiting, devices: Devices) -> DeviceView:
    """Return where and when a device asked."""
    return DeviceView(devices.place_of(waiting), format_datetime(waiting.created_at, "short"))


@dataclass(frozen=True)
class OfferView:
    """What will be connected to whoever signs in here; a form to `url` says that it shall not."""

    provider: str
    label: str
    url: str


def offer_view(offer: Offered | None) -> OfferView | None:
    """Return what a provider has proved at an entry, if it has."""
    if offer is None:
        return None
    return OfferView(offer.connection_label, offer.label, url_for("federation.link"))
