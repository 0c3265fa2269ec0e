"""/console/trail/anchors: where checkpoints are kept, and what contradicts the database."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.running.anchors import AnchorShown, AnchorsShown, ContradictionShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Section
from authserver.admin.console.parts.fields import Field, Form
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.core.values.reasons import MOST_REASON


class AnchorScreens:
    """Screens about anchors."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        menu = Menu(Group.PLATFORM, _l("Anchors"), "anchor")
        accept = "accept_contradictions"
        return (
            Screen("/trail/anchors", "anchors", self.show, "read_anchors", menu=menu),
            Screen("/trail/anchors/accept", accept, self.accept, accept, below="anchors"),
        )

    def show(self) -> Response:
        """Show what is denied first, then how far each anchor is."""
        found = self._read()
        sections = [_kept(found)]
        if found.contradictions:
            url = url_for("console.accept_contradictions")
            accept = Action(_("Accept"), url, "accept_contradictions", "danger")
            sections.insert(0, _denied(found, accept))
        return self._console.show_detail(
            Detail(
                _("Anchors"),
                sections,
                lead=_("Places outside of the database that keep the trail's checkpoints: whoever"
                       " writes another history cannot change what is there."),
                badges=(_badge(found),),
            )
        )  # fmt: skip

    def accept(self) -> Response:
        """Take the reason, and let checkpoints be signed again."""
        back = url_for("console.anchors")
        if not self._read().contradictions:
            return self._console.go(back)
        form = Form(
            "accept_contradictions",
            title=_("Accept the contradiction?"),
            lead=_("Look first: what came after the last checkpoint of the database is lost, or"
                   " somebody wanted it to be. From now on checkpoints are signed again; the anchor"
                   " keeps both histories, and a witness signs nothing more of this trail."),
            button=_("Accept"),
            back=back,
            fields=(
                Field("reason", _("Reason"), most=MOST_REASON,
                      hint=_("It stands in the trail for good. For example the backup that was"
                             " restored, and the number of a ticket.")),
            ),
            danger=True,
        )  # fmt: skip
        said = _("It is accepted: checkpoints are signed again.")
        return self._console.settle(form, said)

    def _read(self) -> AnchorsShown:
        return self._console.read("read_anchors", AnchorsShown)[0]


def _kept(found: AnchorsShown) -> Section:
    denying = {one.anchor for one in found.contradictions}
    columns = (
        Column(_("Name"), lambda one: one.name),
        Column(_("Place"), lambda one: Code(one.url)),
        Column(_("State"), lambda one: _standing(one, denies=one.name in denying)),
        Column(_("Has checkpoint"), lambda one: one.number or None),
        Column(_("Waiting"), lambda one: one.waiting),
        Column(_("Moved last"), lambda one: one.moved_at),
        Column(_("Trouble"), _trouble),
    )
    none = _(
        "The settings name none. With AUTHSERVER_TRAIL_ANCHORS or AUTHSERVER_TRAIL_WITNESSES every"
        " checkpoint is kept where this server's operators cannot change it."
    )
    return Section(_("Where checkpoints go"), table=table(columns, found.anchors, none))


def _denied(found: AnchorsShown, accept: Action) -> Section:
    columns = (
        Column(_("Anchor"), lambda one: one.anchor),
        Column(_("It has checkpoint"), lambda one: one.number),
        Column(_("The database had"), lambda one: one.newest),
        Column(_("What happened"), _why),
        Column(_("Noticed"), lambda one: one.found_at),
    )
    return Section(
        _("Contradictions"),
        lead=_("Nothing is signed as long as one stands here."),
        table=table(columns, found.contradictions),
        actions=(accept,),
    )


def _why(one: ContradictionShown) -> str:
    words = {
        "rolled_back": _("The database was rolled back: an older one was restored."),
        "forked": _("The database has another history than the anchor kept."),
    }
    return str(words[one.why])


def _standing(one: AnchorShown, *, denies: bool) -> Badge:
    if denies:
        return Badge(_("Contradicts"), Tone.BAD)
    if one.error:
        return Badge(_("Fails"), Tone.BAD)
    if one.moved_at is None:
        return Badge(_("Not yet sent to"))
    return Badge(_("Behind"), Tone.WARN) if one.waiting > 1 else Badge(_("Good"), Tone.GOOD)


def _trouble(one: AnchorShown) -> Value:
    """Say what went wrong last, and since when nothing is taken."""
    return [one.error, one.failing_since] if one.error else None


def _badge(found: AnchorsShown) -> Badge:
    if found.contradictions:
        return Badge(_("Contradicted"), Tone.BAD)
    if any(one.error for one in found.anchors):
        return Badge(_("Attention"), Tone.WARN)
    return Badge(_("Good"), Tone.GOOD) if found.anchors else Badge(_("Not used"))
