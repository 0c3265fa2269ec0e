"""A secret is exchanged without a message that the receiver cannot check."""

from datetime import timedelta

from tests.support.world import TenantFixture, World
from tests.webhooks.receiving import Receivers, actor_of, deliver, happen, hook, write


def test_two_secrets_sign_while_one_is_exchanged(
    world: World, there: Receivers, tenant: TenantFixture
) -> None:
    made = hook(world, tenant, "client.*")

    def rotate(hours: int) -> str:
        by = actor_of(world, tenant)
        return str(
            write(
                world,
                lambda tx: world.services.webhooks.service.rotate(
                    tx, tenant.id, made.id, overlap=timedelta(hours=hours), actor=by
                ),
            )[1]
        )

    def signers(*secrets: str) -> list[bool]:
        happen(world, tenant)
        deliver(world)
        return [there.got[-1].is_signed_by(secret) for secret in secrets]

    second = rotate(24)
    assert signers(made.secret, second) == [True, True]
    third = rotate(24)
    assert signers(made.secret, second, third) == [False, True, True]
    world.clock.move(hours=25)
    assert signers(second, third) == [False, True]
    fourth = rotate(0)
    assert signers(third, fourth) == [False, True]
