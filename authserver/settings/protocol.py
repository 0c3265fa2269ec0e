"""What the protocol promises."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.settings.declaring import setting
from authserver.settings.readers import (
    choice,
    count,
    key_name,
    link,
    minutes,
    prefix,
    seconds,
    some,
)


@dataclass(frozen=True)
class ProtocolSettings:
    """Lives of tokens, codes and keys, and what metadata name."""

    authorization_time: timedelta = setting(
        timedelta(hours=1),
        "A person may take this long from the first page to the answer.",
        seconds,
    )
    access_token_life: timedelta = setting(
        timedelta(minutes=15), "Life of an access token of a person.", seconds
    )
    service_token_life: timedelta = setting(
        timedelta(minutes=5), "Life of an access token of a service client.", seconds
    )
    partner_token_life: timedelta = setting(
        timedelta(hours=1), "Life of an access token of a partner client.", seconds
    )
    partner_rate: int = setting(
        600,
        "Tokens a minute that a new partner client, and any new client of a partner's tenant, gets"
        " at most, unless another rate is given. One of a free tenant has half of that, one of an"
        " enterprise tenant twice.",
        count,
    )
    id_token_life: timedelta = setting(timedelta(minutes=15), "Life of an ID token.", seconds)
    code_life: timedelta = setting(timedelta(seconds=60), "Life of an authorization code.", seconds)
    pushed_request_life: timedelta = setting(
        timedelta(seconds=60),
        "A pushed authorization request is good for this long (at most 90).",
        seconds,
    )
    service_documentation: str = setting(
        "", "A page for developers of clients, named in the metadata: an https URL.", link
    )
    policy_uri: str = setting(
        "", "What this server does with people's data, named in the metadata: an https URL.", link
    )
    terms_uri: str = setting(
        "", "The terms of this server, named in the metadata: an https URL.", link
    )
    challenge_repeats: int = setting(
        3,
        "Codes for one code_challenge or nonce of a client, above which the trail gets a warning.",
        count,
    )
    refresh_idle: timedelta = setting(
        timedelta(days=7), "A refresh token ends after this time without use.", seconds
    )
    refresh_absolute: timedelta = setting(
        timedelta(days=30), "A family of refresh tokens ends this long after the sign-in.", seconds
    )
    refresh_grace: timedelta = setting(
        timedelta(seconds=10),
        "A retry within this time gets the same answer (at most 60).",
        seconds,
    )
    device_code_life: timedelta = setting(
        timedelta(minutes=10),
        "A person may take this long to enter and confirm the code that a device shows.",
        minutes,
    )
    device_interval: timedelta = setting(
        timedelta(seconds=5),
        "A device waits this long between two questions; one that does not waits longer.",
        seconds,
    )
    device_code_attempts: int = setting(
        5,
        "Wrong device codes from one address (IPv6: /64) in a quarter of an hour, after which it"
        " may enter no more; its /24 (/48) has ten times as many, everybody together 200 times.",
        some,
    )
    exchange_depth: int = setting(
        3, "Exchanges that a token may have behind it: from service to service and on.", count
    )
    api_key_prefix: str = setting(
        "",
        "What API keys begin with, so that people and scanners of source code know them. Empty:"
        " cf_prod, or cf_dev at a loopback address. Keys made under another one stay good.",
        prefix,
    )
    key_publish: timedelta = setting(
        timedelta(days=1), "A signing key is published this long before it signs.", seconds
    )
    key_rotation: timedelta = setting(
        timedelta(days=90), "A signing key signs for this long; then its successor does.", seconds
    )
    trail_origin: str = setting(
        "",
        "The name under which checkpoints of the trail are signed, decided at the first one. Empty:"
        " the issuer's host and /trail.",
        key_name,
    )
    trail_anchors: str = setting(
        "",
        "Places that keep every checkpoint of the trail, as NAME=URL with spaces between:"
        " `file:/mnt/elsewhere/checkpoints.ndjson`, `https://collector.example/checkpoints`, `log:`"
        " for a line in the server's log. A name is for good.",
    )
    trail_anchor_secret: str = setting(
        "", "What signs what is sent to https anchors: `whsec_` and base64 of 24 to 64 bytes."
    )
    trail_witnesses: str = setting(
        "",
        "Witnesses that cosign checkpoints of the trail (C2SP tlog-witness), as NAME=URL,KEY with"
        " spaces between: `other=https://witness.example/,witness.example+1a2b3c4d+BF…`.",
    )
    trail_post_quantum: str = setting(
        "off",
        "`on` signs checkpoints of the trail by ML-DSA-65, too, beside Ed25519.",
        choice("on", "off"),
    )
