"""What is done to a client: switched off and on, ended for good, its secrets exchanged."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.clients.shown import ClientShown, SecretCreated, SecretList, SecretShown
from authserver.admin.api.registrations import RenewedToken
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Section
from authserver.admin.console.parts.fields import Field, Form, Kind, Secret
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.clients.registry import ABOUT, ONE, secret_of
from authserver.admin.console.screens.clients.words import badges, kinds, path_of, url
from authserver.admin.rest.operation import Reply


class ClientActScreens:
    """Screens of acts."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        secrets, below = f"{ONE}/secrets", "clients"
        tab = Tab(ABOUT, _l("Secrets"))
        return (
            Screen(secrets, "client_secrets", self.secrets, "list_secrets", tab=tab, below=below),
            Screen(f"{secrets}/new", "new_secret", self.rotate, "rotate_secret", below=below),
            Screen(f"{secrets}/<secret_id>/revoke", "revoke_secret", self.revoke, "revoke_secret",
                   below=below),
            Screen(f"{ONE}/disable", "disable_client", self.disable, "disable_client", below=below),
            Screen(f"{ONE}/enable", "enable_client", self.enable, "enable_client", below=below),
            Screen(f"{ONE}/delete", "delete_client", self.delete, "delete_client", below=below),
            Screen(f"{ONE}/registration", "renew_registration", self.renew,
                   "renew_registration_token", below=below),
        )  # fmt: skip

    def secrets(self, tenant_id: str, client_id: str) -> Response:
        """Show when secrets were made and when they end; never what they are."""
        one, path = self._read(tenant_id, client_id), path_of(tenant_id, client_id)
        listed = self._console.read("list_secrets", SecretList, path)[0]
        new = Action(
            _("New secret"), url("new_secret", tenant_id, client_id), "rotate_secret", "primary"
        )

        def end(secret: SecretShown) -> Link | None:
            if secret.state in {"revoked", "expired"} or not self._console.may("revoke_secret"):
                return None
            where = url("revoke_secret", tenant_id, client_id, secret_id=secret.id)
            return Link(_("End it now"), where)

        columns = (
            Column(_("Secret"), lambda secret: Code(secret.id)),
            Column(_("State"), _state),
            Column(_("Created"), lambda secret: secret.created_at),
            Column(_("Ends"), lambda secret: secret.revoked_at or secret.expires_at),
            Column(_("End"), end),
        )
        without = _("This client has no secret: it proves who it is in another way, or not at all.")
        lead = _("At most two work at a time, so that one is exchanged without a pause.")
        if listed.warning:
            lead = _("Soon no secret works any more: make a new one before.")
        section = Section(_("Secrets"), lead=lead, table=table(columns, listed.items, without))
        has_secret = one.auth_method.startswith("client_secret")
        return self._console.show_detail(
            Detail(
                one.name,
                (section,),
                id=one.id,
                lead=kinds()[one.kind],
                badges=(*badges(one), *_warning(listed)),
                actions=(new,) if has_secret else (),
            )
        )

    def rotate(self, tenant_id: str, client_id: str) -> Response:
        """Make a new secret."""
        one = self._read(tenant_id, client_id)
        back = url("client_secrets", tenant_id, client_id)
        form = Form(
            "rotate_secret",
            title=_("A new secret for %(client)s", client=one.name),
            button=_("Make a new secret"),
            back=back,
            path=path_of(tenant_id, client_id),
            fields=(
                Field(
                    "overlap_hours",
                    _("How long the present one works on, in hours"),
                    Kind.NUMBER,
                    value=24,
                    hint=_("0 ends it now, and the tokens that were obtained with it."),
                ),
                Field(
                    "expires_in_days",
                    _("When the new one ends, in days"),
                    Kind.NUMBER,
                    hint=_(
                        "Administrators get a mail before. Empty: it works until it is replaced."
                    ),
                    optional=True,
                ),
            ),
        )

        def done(reply: Reply) -> Response:
            if isinstance(reply.content, SecretCreated):
                secret = secret_of(one, reply.content.client_secret, back)
                return self._console.show_secret(secret)
            return self._console.go(back)

        return self._console.fill(form, done)

    def revoke(self, tenant_id: str, client_id: str, secret_id: str) -> Response:
        """End a secret now."""
        back = url("client_secrets", tenant_id, client_id)
        form = Form(
            "revoke_secret",
            title=_("End this secret now?"),
            lead=_("Whoever uses it gets no tokens any more, and all tokens of the client end."),
            button=_("End it now"),
            back=back,
            path={**path_of(tenant_id, client_id), "secret_id": secret_id},
            danger=True,
        )
        return self._console.settle(form, _("The secret has ended."))

    def disable(self, tenant_id: str, client_id: str) -> Response:
        """Switch a client off."""
        one = self._read(tenant_id, client_id)
        return self._act(
            tenant_id,
            Form(
                "disable_client",
                title=_("Switch %(client)s off?", client=one.name),
                lead=_("It gets no tokens any more, and those that are out end. It can be undone."),
                button=_("Switch off"),
                back=url("client", tenant_id, client_id),
                path=path_of(tenant_id, client_id),
                danger=True,
            ),
            _("%(client)s is switched off.", client=one.name),
        )

    def enable(self, tenant_id: str, client_id: str) -> Response:
        """Let a client work again."""
        one = self._read(tenant_id, client_id)
        return self._act(
            tenant_id,
            Form(
                "enable_client",
                title=_("Let %(client)s work again?", client=one.name),
                button=_("Let it work again"),
                back=url("client", tenant_id, client_id),
                path=path_of(tenant_id, client_id),
            ),
            _("%(client)s works again.", client=one.name),
        )

    def delete(self, tenant_id: str, client_id: str) -> Response:
        """End a client for good."""
        one = self._read(tenant_id, client_id)
        form = Form(
            "delete_client",
            title=_("Delete %(client)s?", client=one.name),
            lead=_(
                "Its secrets and tokens end, and its client ID is never used again. It cannot be"
                " undone."
            ),
            button=_("Delete"),
            back=url("client", tenant_id, client_id),
            path=path_of(tenant_id, client_id),
            danger=True,
            retype=one.name,
        )
        onward = url_for("console.clients", tenant_id=tenant_id)
        said = _("%(client)s was deleted.", client=one.name)
        return self._console.settle(form, said, onward=onward)

    def renew(self, tenant_id: str, client_id: str) -> Response:
        """Give a client that lost it another registration access token."""
        one, back = self._read(tenant_id, client_id), url("client", tenant_id, client_id)
        form = Form(
            "renew_registration_token",
            title=_("A new registration token for %(client)s?", client=one.name),
            lead=_("With it the application looks after its own registration. The old one ends."),
            button=_("Make a new token"),
            back=back,
            path=path_of(tenant_id, client_id),
        )

        def done(reply: Reply) -> Response:
            if not isinstance(reply.content, RenewedToken):
                return self._console.go(back)
            values = {_("Registration token"): reply.content.registration_access_token}
            name = f"{client_id}.txt"
            return self._console.show_secret(Secret(form.title, "", values, back, name))

        return self._console.fill(form, done)

    def _act(self, tenant_id: str, form: Form, said: str) -> Response:
        onward = url("client", tenant_id, form.path["client_id"])
        return self._console.settle(form, said, onward=onward)

    def _read(self, tenant_id: str, client_id: str) -> ClientShown:
        path = path_of(tenant_id, client_id)
        return self._console.read("read_client", ClientShown, path)[0]


def _state(secret: SecretShown) -> Badge:
    words = {
        "live": Badge(_("Works"), Tone.GOOD),
        "ending": Badge(_("Works until it ends"), Tone.WARN),
        "expired": Badge(_("Ended")),
        "revoked": Badge(_("Ended")),
    }
    return words[secret.state]


def _warning(listed: SecretList) -> tuple[Badge, ...]:
    return (Badge(_("Secret ends soon"), Tone.WARN),) if listed.warning else ()
