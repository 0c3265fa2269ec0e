"""Anchors and witnesses that the settings name, put together: part of the wiring."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from authserver.audit.anchors.comparing import Comparison
from authserver.audit.anchors.contradictions import Contradictions
from authserver.audit.anchors.places import FileAnchor, LogAnchor, Post, PostAnchor
from authserver.audit.anchors.service import Anchors
from authserver.audit.anchors.standing import Standings
from authserver.audit.anchors.targets import Kind, Target, parse
from authserver.audit.anchors.values import Anchor, Refused
from authserver.audit.anchors.worker import AnchorWorker
from authserver.audit.checkpoints.keys import TrailKeys
from authserver.audit.checkpoints.reading import CheckpointReader, newest_of
from authserver.audit.checkpoints.values import Checkpoint
from authserver.audit.witnesses.asking import PATH
from authserver.audit.witnesses.client import Ask, WitnessAnchor
from authserver.audit.witnesses.cosignatures import Cosignatures
from authserver.audit.witnesses.cosigning import WitnessKey, read_key
from authserver.core.net.fetch import (
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRequest,
)
from authserver.core.net.named import named
from authserver.settings import SettingsError
from authserver.webhooks.signing import signed
from authserver.wiring.signing_in import Ground
from authserver.wiring.telling.making import check_secret
from authserver.wiring.telling.outbound import outbound_rules

_LIMITS = FetchLimits(per_minute=600)
_EXCERPT = 16 * 1024
_SUCCESSES = range(200, 300)


@dataclass(frozen=True)
class Kept:
    """What is asked before a checkpoint is signed, and then sends it."""

    urls: dict[str, str]
    anchors: dict[str, Anchor]
    standings: Standings
    contradictions: Contradictions
    comparison: Comparison

    def sent(self, *, leads: Callable[[], bool]) -> Anchors:
        """Return all of it, with what sends checkpoints where this process leads."""
        worker = AnchorWorker(self.anchors, self.standings, self.comparison, leads=leads)
        return Anchors(self.urls, self.standings, self.contradictions, self.comparison, worker)


def make_kept(ground: Ground, keys: TrailKeys) -> Kept:
    """Return the anchors of the settings, compared but not yet sent to. Raises SettingsError."""
    targets, witnesses = _targets(ground), _witnesses(ground.settings.trail_witnesses)
    twice = {one.name for one in targets} & witnesses.keys()
    if twice:
        raise SettingsError(f"AUTHSERVER_TRAIL_WITNESSES: {min(twice)} is an anchor's name")
    made = _Making(ground, keys)
    anchors: dict[str, Anchor] = {one.name: made.anchor(one) for one in targets}
    anchors |= {name: made.witness(name, *one) for name, one in witnesses.items()}
    urls = {one.name: one.url for one in targets}
    urls |= {name: url for name, (url, _) in witnesses.items()}
    standings = Standings(ground.database, ground.clock)
    contradictions = Contradictions(keys, ground.trail, ground.clock, keyring=ground.keyring)
    comparison = Comparison(
        ground.database, anchors, contradictions=contradictions, standings=standings
    )
    return Kept(urls, anchors, standings, contradictions, comparison)


def _targets(ground: Ground) -> tuple[Target, ...]:
    settings = ground.settings
    try:
        targets = parse(settings.trail_anchors)
    except ValueError as error:
        raise SettingsError(f"AUTHSERVER_TRAIL_ANCHORS: {error}") from error
    kinds = {target.kind for target in targets}
    if Kind.POST in kinds:
        check_secret(
            settings.trail_anchor_secret,
            "AUTHSERVER_TRAIL_ANCHOR_SECRET: an https anchor needs whsec_... in it",
        )
    if Kind.LOG in kinds and logging.getLevelName(settings.log_level) > logging.INFO:
        raise SettingsError("AUTHSERVER_TRAIL_ANCHORS: log: needs AUTHSERVER_LOG_LEVEL=INFO")
    return targets


def _witnesses(text: str) -> dict[str, tuple[str, WitnessKey]]:
    found: dict[str, tuple[str, WitnessKey]] = {}
    try:
        for part in text.split():
            name, rest = named(part)
            url, _, key = rest.partition(",")
            if name in found:
                raise ValueError("two witnesses have the same name")  # noqa: TRY301  said below
            found[name] = f"{url.rstrip('/')}/{PATH}", read_key(key)
    except ValueError as error:
        raise SettingsError(f"AUTHSERVER_TRAIL_WITNESSES: {error}") from error
    return found


class _Making:
    """Makes anchors over one fetcher."""

    def __init__(self, ground: Ground, keys: TrailKeys) -> None:
        self._ground = ground
        self._keys = keys
        rules = replace(outbound_rules(ground.settings), max_bytes=_EXCERPT)
        self._fetcher = Fetcher(ground.clock, rules=rules, limits=_LIMITS)
        self._cosignatures = Cosignatures(ground.database, ground.clock)
        self._reader = CheckpointReader()

    def anchor(self, target: Target) -> Anchor:
        if target.kind is Kind.FILE:
            return FileAnchor(target.path, self._origin)
        if target.kind is Kind.LOG:
            return LogAnchor()
        return PostAnchor(target.name, self._post(target))

    def witness(self, name: str, url: str, key: WitnessKey) -> Anchor:
        return WitnessAnchor(
            key,
            self._ask(name, url),
            prove=self._prove,
            store=self._cosignatures.add,
            newest=self._newest,
        )

    def _origin(self) -> str:
        with self._ground.database.read() as view:
            return self._keys.origin(view)

    def _newest(self) -> Checkpoint | None:
        with self._ground.database.read() as view:
            return newest_of(view)

    def _prove(self, old: int, new: int) -> Sequence[bytes]:
        with self._ground.database.read() as view:
            return self._reader.consistency(view, old, new)

    def _post(self, target: Target) -> Post:
        secret, clock = self._ground.settings.trail_anchor_secret, self._ground.clock

        def post(message_id: str, body: bytes) -> None:
            headers = signed(message_id, body, at=clock.now(), keys=[secret])
            status, _ = self._sent(target.name, target.url, body, headers=headers)
            if status not in _SUCCESSES:
                raise Refused(f"the server answered with status {status}")

        return post

    def _ask(self, name: str, url: str) -> Ask:
        return lambda body: self._sent(name, url, body)

    def _sent(
        self, name: str, url: str, body: bytes, *, headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, bytes]:
        request = FetchRequest(json=body, headers=headers, excerpt=_EXCERPT, reads_success=True)
        try:
            answer = self._fetcher.fetch(url, key=name, request=request)
        except (FetchRefused, FetchFailed) as error:
            raise Refused(error.reason) from error
        return answer.status, answer.body
