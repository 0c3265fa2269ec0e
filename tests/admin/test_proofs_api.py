"""/api/v1/tenants/{id}/trail: what is proved is checked here from what the API says alone."""

from base64 import b64decode
from datetime import datetime
from typing import Any

from authserver.audit import tree
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.values import Head
from authserver.audit.service import leaf_hash
from authserver.audit.tree import Size
from tests.admin.callers import Caller, person
from tests.support.world import World


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(one) for one in texts]


def signed(world: World) -> int:
    return world.services.proving.sequencer.once()[1].number


def of_tenant(world: World) -> tuple[Caller, str]:
    caller = person(world, "admin", kind="customer")
    return caller, f"/tenants/{caller.tenant.id}"


def check_head(tenant_id: str, shown: dict[str, Any]) -> Head:
    """Verify what is said of a head, as a program elsewhere would, and return it."""
    stated = note.stated(note.read(shown["checkpoint"]["note"]).text)
    stand = stated.stand
    assert stand.number == shown["checkpoint"]["number"]
    assert stand.at == datetime.fromisoformat(shown["checkpoint"]["time"])
    head = Head(tenant_id, shown["size"], b64decode(shown["root"]), b64decode(shown["chain"]))
    in_heads, in_log = hashes(shown["in_heads"]), hashes(shown["in_log"])
    assert tree.proves_inclusion(
        in_heads, head.leaf(), shown["index"], size=stand.heads, root=stand.heads_root
    )
    last, number = stand.number - 1, stand.number
    assert tree.proves_inclusion(in_log, stand.leaf(), last, size=number, root=stated.root)
    return head


def test_the_head_of_a_trail_is_proved(world: World) -> None:
    caller, path = of_tenant(world)
    number = signed(world)
    shown = caller.call("GET", f"{path}/trail/head").json
    assert shown["checkpoint"]["number"] == number
    head = check_head(caller.tenant.id, shown)
    assert head.size > 0
    signed(world)
    assert caller.call("GET", f"{path}/trail/head?checkpoint={number}").json == shown


def test_an_event_is_proved(world: World) -> None:
    caller, path = of_tenant(world)
    signed(world)
    event = caller.call("GET", f"{path}/events").json["items"][-1]
    proof = caller.call("GET", f"{path}/events/{event['id']}/proof").json
    head = check_head(caller.tenant.id, proof["head"])
    leaf = leaf_hash(caller.tenant.id, proof["body"].encode())
    assert event["id"] in proof["body"]
    assert tree.proves_inclusion(
        hashes(proof["path"]), leaf, proof["seq"] - 1, size=head.size, root=head.root
    )


def test_a_trail_that_grew_is_proved_to_have_only_grown(world: World) -> None:
    caller, path = of_tenant(world)
    old = signed(world)
    world.user(caller.tenant)
    new = signed(world)
    shown = caller.call("GET", f"{path}/trail/consistency?old={old}").json
    before, after = (check_head(caller.tenant.id, shown[one]) for one in ("old", "new"))
    assert before.size < after.size
    assert tree.proves_consistency(
        hashes(shown["tree"]), Size(before.size, before.root), Size(after.size, after.root)
    )
    roots = [b64decode(shown[one]["checkpoint"]["root"]) for one in ("old", "new")]
    assert shown["new"]["checkpoint"]["number"] == new
    assert tree.proves_consistency(hashes(shown["log"]), Size(old, roots[0]), Size(new, roots[1]))


def test_what_no_checkpoint_is_over_is_not_found(world: World) -> None:
    signed(world)
    caller, path = of_tenant(world)
    event = caller.call("GET", f"{path}/events").json["items"][0]["id"]
    before = [
        caller.call("GET", f"{path}/trail/head").status_code,
        caller.call("GET", f"{path}/events/{event}/proof").status_code,
    ]
    number = signed(world)
    later = caller.call("GET", f"{path}/events").json["items"][0]["id"]
    world.user(caller.tenant)
    unsigned = caller.call("GET", f"{path}/events").json["items"][0]["id"]
    assert unsigned != later
    assert [
        *before,
        caller.call("GET", f"{path}/events/{unsigned}/proof").status_code,
        caller.call("GET", f"{path}/trail/head?checkpoint={number + 1}").status_code,
        caller.call("GET", f"{path}/trail/consistency?old={number}&new=1").status_code,
        caller.call("GET", f"{path}/trail/consistency?old={number + 9}").status_code,
    ] == [404] * 6


def test_numbers_are_read_strictly(world: World) -> None:
    caller, path = of_tenant(world)
    for query in ("checkpoint=0", "checkpoint=-1", "checkpoint=x", f"checkpoint={1 << 63}"):
        assert caller.call("GET", f"{path}/trail/head?{query}").status_code == 422
    assert caller.call("GET", f"{path}/trail/consistency?old=first").status_code == 422


def test_a_tenant_names_whom_its_checkpoint_is_mailed_to(world: World) -> None:
    caller, path = of_tenant(world)
    contact = f"{path}/trail/contact"
    nobody = {"address": None, "told_at": None, "checkpoint": None, "waiting": None}
    assert caller.call("GET", contact).json == nobody
    waits = caller.call("PUT", contact, {"address": "Security@globex.example"}).json
    assert (waits["address"], waits["waiting"]["address"]) == (None, "Security@globex.example")
    assert caller.call("GET", contact).json == waits
    again = caller.call("POST", f"{contact}/resend").json
    assert again["waiting"]["until"] >= waits["waiting"]["until"]
    assert caller.call("POST", f"{contact}/withdraw").json == nobody
    assert caller.call("POST", f"{contact}/resend").status_code == 409
    assert (
        caller.call("PUT", contact, {"address": "nobody"}).json["errors"][0]["field"] == "address"
    )
    assert caller.call("DELETE", contact).json == nobody
    assert caller.call("GET", contact).json == nobody
