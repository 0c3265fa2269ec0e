"""Somebody of whom everything is known."""

from dataclasses import replace

from authserver.accounts import profiles
from authserver.accounts.details.policy import texts_of
from tests.support.world import UserFixture, World

ADDRESS = {
    "street_address": "12 St James's Square",
    "locality": "London",
    "region": "England",
    "postal_code": "SW1Y 4JH",
    "country": "UK",
}
DETAILS = {
    "given_name": "Ada",
    "middle_name": "King",
    "family_name": "Lovelace",
    "nickname": "Countess",
    "preferred_username": "ada",
    "profile": "https://people.example/ada",
    "website": "https://ada.example",
    "gender": "female",
    "birthdate": "1915-12-10",
    "phone_number": "+442079460000",
    "address": ADDRESS,
}


def say(
    world: World, person: UserFixture, *, phone_verified: bool | None = None, **claims: object
) -> None:
    """Let a person's profile say these claims."""
    actor = replace(world.operator, principal=person.tenant.id)

    def job(tx) -> None:  # noqa: ANN001
        kept = profiles.read(tx, person.tenant.id, person.id).profile
        profile = replace(
            kept, details={**kept.details, **texts_of(claims)}, phone_verified=phone_verified
        )
        world.services.profiles.change(
            tx, person.tenant.id, user_id=person.id, profile=profile, actor=actor
        )

    world.services.database.write(job)
