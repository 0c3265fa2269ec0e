"""/device/done: what became of it, and that the person may go back to the device."""

from flask import render_template, request, url_for


class DonePage:
    """Says what was decided. It knows nothing of whom: everybody may read it."""

    def show(self) -> str:
        """Show the outcome that the flow names; anything else counts as over."""
        outcome = request.args.get("outcome", "")
        known = outcome if outcome in {"allowed", "denied"} else "over"
        return render_template(
            "login/device/done.html", outcome=known, enter_url=url_for("device.enter")
        )
