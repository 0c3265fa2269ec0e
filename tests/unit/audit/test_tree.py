"""Trees and proofs, against a naive reading of RFC 6962 and its known trees."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.audit import tree
from authserver.audit.tree import Frontier, Size

# The leaves and roots of the reference implementations' tests of RFC 6962.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(number: int) -> bytes:
    return sha256(b"\x00" + number.to_bytes(4, "big")).digest()


def leaves(count: int) -> list[bytes]:
    return [leaf(number) for number in range(count)]


def naive_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word by word, over leaves that are hashed already."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    middle = split(len(hashes))
    left, right = naive_root(hashes[:middle]), naive_root(hashes[middle:])
    return sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    middle = 1
    while middle * 2 < count:
        middle *= 2
    return middle


def naive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    middle = split(len(hashes))
    if index < middle:
        return [*naive_path(index, hashes[:middle]), naive_root(hashes[middle:])]
    return [*naive_path(index - middle, hashes[middle:]), naive_root(hashes[:middle])]


def naive_subproof(old: int, hashes: list[bytes], *, whole: bool) -> list[bytes]:
    if old == len(hashes):
        return [] if whole else [naive_root(hashes)]
    middle = split(len(hashes))
    if old <= middle:
        return [
            *naive_subproof(old, hashes[:middle], whole=whole),
            naive_root(hashes[middle:]),
        ]
    return [
        *naive_subproof(old - middle, hashes[middle:], whole=False),
        naive_root(hashes[:middle]),
    ]


def test_the_known_trees_have_their_known_roots() -> None:
    hashed = [sha256(b"\x00" + data).digest() for data in KNOWN_LEAVES]
    roots = [tree.root_of(hashed[: size + 1]).hex() for size in range(len(hashed))]
    assert roots == KNOWN_ROOTS


def test_a_tree_without_leaves_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == sha256(b"").digest() == tree.NO_LEAVES


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_that_grows_in_steps_is_the_tree_of_all_its_leaves(first: int, more: int) -> None:
    every = leaves(first + more)
    before, _ = Frontier().grown(every[:first])
    again = Frontier.parse(before.size, before.pack())
    after, _ = again.grown(every[first:])
    assert after.size == first + more
    assert after.root() == naive_root(every)
    assert after == tree.frontier(tree.subtrees_of(every), first + more)


@given(st.data())
def test_every_leaf_is_proved_as_the_specification_has_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    every = leaves(size)
    proof = tree.inclusion(tree.subtrees_of(every), index, size)
    assert proof == naive_path(index, every)
    root = naive_root(every)
    assert tree.proves_inclusion(proof, every[index], index, size=size, root=root)


@given(st.data())
def test_every_growth_is_proved_as_the_specification_has_it(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 200))
    old = data.draw(st.integers(1, new))
    every = leaves(new)
    proof = tree.consistency(tree.subtrees_of(every), old, new)
    assert proof == naive_subproof(old, every, whole=True)
    assert tree.proves_consistency(
        proof, Size(old, naive_root(every[:old])), Size(new, naive_root(every))
    )


@given(st.data())
def test_no_changed_proof_proves_that_a_leaf_is_there(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    every = leaves(size)
    root, proof = naive_root(every), tree.inclusion(tree.subtrees_of(every), index, size)
    other = leaf(1_000_000)
    assert not tree.proves_inclusion(proof, other, index, size=size, root=root)
    assert not tree.proves_inclusion([*proof, other], every[index], index, size=size, root=root)
    assert not tree.proves_inclusion(proof, every[index], size, size=size, root=root)
    assert not tree.proves_inclusion(proof, every[index], -1, size=size, root=root)
    for at in range(len(proof)):
        forged = [*proof[:at], other, *proof[at + 1 :]]
        shorter = [*proof[:at], *proof[at + 1 :]]
        for wrong in (forged, shorter):
            assert not tree.proves_inclusion(wrong, every[index], index, size=size, root=root)


@given(st.data())
def test_no_proof_makes_a_fork_a_growth(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    every = leaves(new)
    forked = [*every[:changed], leaf(1_000_000), *every[changed + 1 :]]
    seen = Size(old, naive_root(every[:old]))
    for proof in (
        tree.consistency(tree.subtrees_of(forked), old, new),
        tree.consistency(tree.subtrees_of(every), old, new),
        [],
    ):
        assert not tree.proves_consistency(proof, seen, Size(new, naive_root(forked)))


def test_a_smaller_tree_is_no_growth() -> None:
    every = leaves(5)
    old, new = Size(5, naive_root(every)), Size(4, naive_root(every[:4]))
    proof = tree.consistency(tree.subtrees_of(every), 4, 5)
    assert not tree.proves_consistency(proof, old, new)
    assert not tree.proves_consistency([], old, new)


def test_every_eighth_level_of_full_subtrees_is_kept_once() -> None:
    every = leaves(70_000)
    frontier, kept = Frontier(), list[tree.Node]()
    for start in range(0, len(every), 999):
        frontier, more = frontier.grown(every[start : start + 999])
        kept += more
    assert [node.index for node in kept if node.level == 8] == [*range(70_000 // 256)]
    assert [node.index for node in kept if node.level == 16] == [0]
    assert {node.level for node in kept} == {8, 16}
    first = next(node for node in kept if node.level == 8)
    assert first.hash == tree.root_of(every[:256])


@pytest.mark.parametrize(("size", "packed"), [(3, b"h" * 32), (1, b""), (1, b"h" * 31), (-1, b"")])
def test_a_frontier_that_no_tree_has_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"subtrees|bytes"):
        Frontier.parse(size, packed)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1)])
def test_no_growth_is_proved_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not grow"):
        tree.consistency(tree.subtrees_of(leaves(2)), old, new)
