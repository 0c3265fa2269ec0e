"""What the verifier in the browser says, in words: docs/trail-format.md lists the reasons."""

from flask_babel import gettext as _


def verdict_words() -> dict[str, str]:
    """Return the words of the panel by their names; braces are filled in by its script."""
    return {**_states(), **_labels(), **_tampered(), **_incomplete()}


def _states() -> dict[str, str]:
    return {
        "running": _("Verifying …"),
        "running text": _("The trail is fetched."),
        "progress": _("{done} of {total} events"),
        "verified": _("VERIFIED"),
        "verified text": _("Every event is there, in its order, as it was signed."),
        "tampered": _("TAMPERED"),
        "tampered at": _("TAMPERED at number {number}"),
        "incomplete": _("INCOMPLETE"),
        "failed": _("Could not be verified"),
        "no checkpoint": _("No checkpoint covers this trail yet: look again in a minute."),
        "no answer": _("The server did not give the trail. Load this page again."),
        "no worker": _("This browser runs no program beside the page. Use the offline verifier."),
        "unusable": _("The files that you chose are neither keys nor checkpoints."),
    }


def _labels() -> dict[str, str]:
    return {
        "events": _("Events"),
        "range": _("{count}, numbers {first} to {last}"),
        "removed": _("Content removed when its time was over"),
        "checkpoint": _("Checkpoint"),
        "time": _("Signed"),
        "key": _("Keys"),
        "kept": _("Compared"),
        "remembered": _("with checkpoint {number}, which this browser saw before"),
        "compared": _("with checkpoints that you kept: {count}"),
        "unchecked": _("Signatures this browser cannot check"),
    }


def _tampered() -> dict[str, str]:
    words = {
        "malformed": _("A line of the trail is not what a server writes."),
        "compression": _("The file is damaged: it cannot be unpacked."),
        "key": _("A signing key is not known."),
        "note": _("A checkpoint cannot be read, or does not belong here."),
        "signature": _("A checkpoint is not signed by a key that was valid then."),
        "cosignature": _("A witness did not sign what stands there as its signature."),
        "fork": _("There are two different checkpoints of one number: two histories."),
        "log": _("A checkpoint is not in the log of checkpoints."),
        "head": _("The checkpoint does not have this trail."),
        "consistency": _("A checkpoint does not continue the one before."),
        "cut": _("The end of the trail was cut off."),
        "number": _("An event is missing, out of its order, or there twice."),
        "chain": _("An event was changed."),
        "start": _("What came before is not what was signed."),
        "root": _("Events are not those that were signed."),
        "count": _("There are not as many events as are counted."),
    }
    return {f"reason {name}": text for name, text in words.items()}


def _incomplete() -> dict[str, str]:
    words = {
        "cut_short": _("The trail ended too early: try again."),
        "uncovered": _("No checkpoint covers the last events yet."),
        "keys_untrusted": _("The keys came with the trail: choose keys that you saved."),
        "anchor_newer": _(
            "A checkpoint that was kept is newer than the trail: it was rolled back."
        ),
        "anchor_absent": _("A checkpoint that was kept is not in what was fetched."),
        "anchor_headless": _("A checkpoint that was kept has nothing of this trail here."),
        "anchor_unknown": _("A checkpoint that was kept is not signed by a known key."),
        "cosignature_missing": _("A witness did not sign the newest checkpoint."),
        "no_ed25519": _("This browser cannot check signatures."),
    }
    return {f"reason {name}": text for name, text in words.items()}
