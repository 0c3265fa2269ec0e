"""Checkpoints: signed, growing, proved; and nothing is signed that is not the last one grown."""

from typing import Any

import pytest

from authserver.audit import tree
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.checkpoints.reading import NoCheckpointError
from authserver.audit.checkpoints.values import Checkpoint
from authserver.audit.events import Actor, EventType
from authserver.audit.tree import Size
from authserver.core.ids import new_id
from authserver.tenants.service import installation_id
from tests.support.trail import everywhere
from tests.support.world import World
from tests.trail.events import changed, record, trail


def signed(world: World) -> Checkpoint:
    """Number all there is, sign, and return the checkpoint as it is stored."""
    _, made = world.services.proving.sequencer.once()
    with world.services.database.read() as view:
        return world.services.proving.checkpoints.one(view, made.number)


def is_signed(world: World, checkpoint: Checkpoint) -> bool:
    """Tell whether a key that was valid then signed it."""
    with world.services.database.read() as view:
        keys = world.services.proving.keys.published(view)
    read = note.read(checkpoint.note)
    return any(key.verifier.signed(read) for key in keys if key.signs_at(checkpoint.at))


def test_a_checkpoint_is_a_signed_note_of_the_log(world: World) -> None:
    record(world, world.tenant().id)
    first, second = signed(world), signed(world)
    assert second.number == first.number + 1
    lines = second.note.split("\n")
    assert lines[0] == "auth.example/trail"
    assert lines[1] == str(second.number)
    stated = note.stated(note.read(second.note).text)
    assert (stated.stand, stated.root) == (second.stand, second.root)
    assert lines[6].startswith("— auth.example/trail ")
    assert is_signed(world, first)
    assert is_signed(world, second)


def test_every_checkpoint_is_the_last_one_grown(world: World) -> None:
    made = [signed(world) for _ in range(4)]
    for old in made:
        for new in made[made.index(old) :]:
            with world.services.database.read() as view:
                proof = world.services.proving.checkpoints.consistency(view, old.number, new.number)
            sizes = Size(old.number, old.root), Size(new.number, new.root)
            assert tree.proves_consistency(proof, *sizes)


def test_a_tenant_proves_its_own_head_and_each_of_its_events(world: World) -> None:
    tenants = [world.tenant().id for _ in range(5)]
    for tenant_id in tenants:
        record(world, tenant_id, 3)
    checkpoint = signed(world)
    proving = world.services.proving
    for tenant_id in tenants:
        with world.services.database.read() as view:
            proof = proving.checkpoints.head(view, tenant_id, checkpoint.number)
            own = [
                proving.proofs.inclusion(view, tenant_id, seq, proof.head.size)
                for seq in range(1, proof.head.size + 1)
            ]
        head, events = proof.head, trail(world, tenant_id)
        assert tree.proves_inclusion(
            proof.in_heads,
            head.leaf(),
            proof.index,
            size=checkpoint.heads,
            root=checkpoint.heads_root,
        )
        number = checkpoint.number
        assert tree.proves_inclusion(
            proof.in_log, checkpoint.stand.leaf(), number - 1, size=number, root=checkpoint.root
        )
        assert head.chain == events[-1].chain
        for place, (event, path) in enumerate(zip(events, own, strict=True)):
            assert tree.proves_inclusion(path, event.leaf, place, size=head.size, root=head.root)


def test_a_tree_of_many_events_is_proved_from_what_is_kept(world: World) -> None:
    tenant_id = world.tenant().id
    record(world, tenant_id, 700)
    checkpoint = signed(world)
    proving, leaves = world.services.proving, [one.leaf for one in trail(world, tenant_id)]
    with world.services.database.read() as view:
        head = proving.checkpoints.head(view, tenant_id, checkpoint.number).head
        for seq in (1, 256, 257, 513, head.size):
            path = proving.proofs.inclusion(view, tenant_id, seq, head.size)
            leaf = leaves[seq - 1]
            assert tree.proves_inclusion(path, leaf, seq - 1, size=head.size, root=head.root)
        for old in (1, 255, 256, 300, 512, head.size - 1):
            proof = proving.proofs.consistency(view, tenant_id, old, head.size)
            before = Size(old, tree.root_of(leaves[:old]))
            assert tree.proves_consistency(proof, before, Size(head.size, head.root))
            assert proving.proofs.frontier(view, tenant_id, old).root() == before.root


def test_a_head_stays_what_it_was_in_an_older_checkpoint(world: World) -> None:
    tenant_id = world.tenant().id
    record(world, tenant_id)
    first = signed(world)
    signed(world)
    record(world, tenant_id, 2)
    third = signed(world)
    reader = world.services.proving.checkpoints
    with world.services.database.read() as view:
        sizes = [
            reader.head(view, tenant_id, number).head.size
            for number in (first.number, first.number + 1, third.number)
        ]
    assert sizes == [sizes[0], sizes[0], sizes[0] + 2]


def test_a_tenant_has_no_head_before_its_first_event(world: World) -> None:
    before = signed(world)
    tenant_id = world.tenant().id
    with world.services.database.read() as view, pytest.raises(NoCheckpointError):
        world.services.proving.checkpoints.head(view, tenant_id, before.number)


@pytest.mark.attack("AUD-09")
def test_a_clock_that_goes_back_moves_no_checkpoint_back_and_is_told(world: World) -> None:
    tenant_id = world.tenant().id
    before = signed(world)
    world.clock.move(hours=-1)
    record(world, tenant_id)
    later, last = signed(world), signed(world)
    assert before.at < later.at < last.at
    assert (later.number, last.number) == (before.number + 1, before.number + 2)
    assert 3590 <= later.clock_behind <= 3610
    told = everywhere(world, EventType.TRAIL_CLOCK_BEHIND.value)
    assert [one.document["facts"]["seconds"] for one in told] == [later.clock_behind]
    assert is_signed(world, later)
    world.clock.reset()
    assert [one.seq for one in trail(world, tenant_id)] == [
        *range(1, len(trail(world, tenant_id)) + 1)
    ]
    world.clock.move(hours=2)
    assert signed(world).clock_behind == 0


def rotated(world: World) -> None:
    actor = Actor("operator", installation_id(world.services.database), new_id("cor"))
    keys = world.services.proving.keys
    world.services.database.write(lambda transaction: keys.rotate(transaction, actor))


@pytest.mark.attack("AUD-10")
@pytest.mark.parametrize("hours", [0, -3], ids=["now", "clock-behind"])
def test_what_was_signed_before_and_after_a_rotation_is_valid(world: World, hours: int) -> None:
    before = signed(world)
    world.clock.move(hours=hours)
    told = len(everywhere(world, EventType.TRAIL_KEYS_ROTATED.value))
    rotated(world)
    assert len(everywhere(world, EventType.TRAIL_KEYS_ROTATED.value)) == told + 1
    after = signed(world)
    assert is_signed(world, before)
    assert is_signed(world, after)
    with world.services.database.read() as view:
        keys = world.services.proving.keys.published(view)
    old, new = keys[-2:]
    assert not new.verifier.signed(note.read(before.note))
    assert not old.verifier.signed(note.read(after.note))
    assert new.signed_by == old.id
    assert new.cross_signature is not None
    assert old.verifier.verifies(new.statement, new.cross_signature)
    assert not new.verifier.verifies(new.statement, new.cross_signature)


FORGERIES = {
    "a head that another tree has": [
        "UPDATE audit_trees SET size = size, root = chain WHERE tenant_id = '{tenant}'"
    ],
    "a trail without its last event": [
        "UPDATE audit_trees SET size = size - 2 WHERE tenant_id = '{tenant}'"
    ],
    "no trail at all": ["DELETE FROM audit_trees WHERE tenant_id = '{tenant}'"],
    "a head that was not signed": [
        "UPDATE audit_heads SET root = chain WHERE tenant_id = '{tenant}'"
    ],
    "another root of the log": [
        "UPDATE audit_checkpoints SET root = heads_root WHERE number = {number}"
    ],
    "another note": [
        "UPDATE audit_checkpoints SET note = replace(note, 'heads', 'head') WHERE number = {number}"
    ],
    "an older checkpoint": ["DELETE FROM audit_checkpoints WHERE number = {number}"],
}


@pytest.mark.attack("AUD-05")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_nothing_is_signed_that_denies_what_was_signed(new_world: World, forgery: str) -> None:
    world = new_world
    tenant_id = world.tenant().id
    record(world, tenant_id, 3)
    signed(world)
    record(world, tenant_id, 1)
    newest = signed(world)
    values = {"tenant": tenant_id, "number": newest.number}
    changed(world, *(one.format(**values) for one in FORGERIES[forgery]))
    with pytest.raises((InconsistentError, ValueError)):
        signed(world)
    with world.services.database.read() as view:
        assert world.services.proving.checkpoints.newest(view).number <= newest.number


@pytest.mark.attack("AUD-05")
def test_events_since_that_are_not_in_the_tree_are_not_signed(new_world: World) -> None:
    world = new_world
    tenant_id = world.tenant().id
    signed(world)
    record(world, tenant_id, 3)
    sequencer: Any = world.services.proving.sequencer
    sequencer._leadership.stand(at_once=True)  # noqa: SLF001  the step before the signature alone
    sequencer._place_all()  # noqa: SLF001  the same
    changed(world, f"UPDATE audit_events SET leaf = chain WHERE tenant_id = '{tenant_id}'")  # noqa: S608  ours
    with pytest.raises(InconsistentError, match="did not grow"):
        signed(world)
