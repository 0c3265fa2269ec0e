"""A witness signs only what grew from what it saw."""

import threading
from base64 import b64encode
from dataclasses import dataclass, field

import pytest

from authserver.audit import tree
from authserver.audit.checkpoints import note
from authserver.audit.checkpoints.signing import ED25519, Signer, new_signer
from authserver.audit.events import Actor
from authserver.audit.witnesses.asking import SIZE_TYPE, Asked
from authserver.audit.witnesses.cosigning import new_cosigner, read_cosigner, read_key
from authserver.audit.witnesses.folder import FolderError, WitnessFolder
from authserver.audit.witnesses.policy import Known
from authserver.audit.witnesses.trust import NotTrustedError, offered, trusted
from authserver.audit.witnesses.witness import Answer, Witness
from authserver.core.ids import new_id
from authserver.oauth.trail.keys import shown
from authserver.sdk import trail_verifier
from tests.support.clock import ManualClock
from tests.support.world import World
from tests.trail.restored import WITNESS, signed

ORIGIN = "log.example/trail"


@dataclass
class Log:
    """Any log of C2SP tlog-checkpoint: its leaves are hashes, three lines are all it signs."""

    origin: str = ORIGIN
    leaves: list[bytes] = field(default_factory=list)
    signer: Signer = field(default_factory=lambda: new_signer(ORIGIN, ED25519))

    def grow(self, *leaves: bytes) -> "Log":
        return Log(self.origin, self.leaves + [one * 32 for one in leaves], self.signer)

    def note(self) -> str:
        root = b64encode(tree.root_of(self.leaves)).decode()
        text = f"{self.origin}\n{len(self.leaves)}\n{root}\n"
        return note.written(text, [self.signer.sign(text)])

    def asked(self, old: int, proof: tuple[bytes, ...] | None = None) -> bytes:
        if proof is None:
            new = len(self.leaves)
            own = tree.consistency(tree.subtrees_of(self.leaves), old, new) if 0 < old < new else ()
            proof = tuple(own)
        return Asked(old, proof, self.note()).body()


def knowing(folder: WitnessFolder, log: Log) -> Witness:
    """Return a witness, as a process that begins, and knows a log."""
    known = {one.origin: one for one in folder.logs()}
    if log.origin not in known:
        folder.keep(Known(log.origin, (log.signer.verifier,)))
    return Witness(folder, ManualClock())


def is_signed(witness: Witness, log: Log, answer: Answer) -> bool:
    text = note.read(log.note()).text
    return bool(read_key(witness.key).found_in(note.read(f"{text}\n{answer.body}")))


def test_a_log_that_grows_is_cosigned(folder: WitnessFolder) -> None:
    log = Log().grow(b"a", b"b", b"c")
    witness = knowing(folder, log)
    first = witness.answer(log.asked(0))
    assert (first.status, is_signed(witness, log, first)) == (200, True)
    again = witness.answer(log.asked(3))
    assert (again.status, is_signed(witness, log, again)) == (200, True)
    grown = log.grow(b"d", b"e")
    later = witness.answer(grown.asked(3))
    assert (later.status, is_signed(witness, grown, later)) == (200, True)


def test_a_cosignature_is_what_the_offline_verifier_takes(folder: WitnessFolder) -> None:
    log = Log().grow(b"a")
    witness = knowing(folder, log)
    line = note.read(log.note().split("\n\n")[0] + "\n\n" + witness.answer(log.asked(0)).body)
    (made,) = line.signatures
    public = read_key(witness.key).public_key
    assert trail_verifier.cosigned(public, made.signature, line.text.encode())


@pytest.mark.attack("AUD-05")
def test_a_fork_is_not_cosigned_whatever_proof_comes_with_it(folder: WitnessFolder) -> None:
    log = Log().grow(b"a", b"b", b"c")
    witness = knowing(folder, log)
    witness.answer(log.asked(0))
    other = Log(signer=log.signer).grow(b"a", b"x", b"c")
    same = witness.answer(other.asked(3))
    assert (same.status, same.body, same.media_type) == (409, "3\n", SIZE_TYPE)
    longer = other.grow(b"d")
    assert witness.answer(longer.asked(3)).status == 422
    honest = log.grow(b"d").asked(3).split(b"\n\n")[0].decode().split("\n")[1:]
    proof = tuple(note._hash(one) for one in honest)  # noqa: SLF001  of the honest log
    assert witness.answer(longer.asked(3, proof)).status == 422
    assert witness.answer(longer.asked(0)).status == 409
    assert witness.answer(log.grow(b"d").asked(3)).status == 200, "the honest log goes on"


@pytest.mark.attack("AUD-08")
def test_a_log_that_goes_back_is_not_cosigned_also_by_a_new_process(folder: WitnessFolder) -> None:
    log = Log().grow(b"a", b"b", b"c")
    knowing(folder, log).answer(log.asked(0))
    restarted = knowing(folder, log)
    back = Log(signer=log.signer).grow(b"a", b"b")
    assert restarted.answer(back.asked(0)).body == "3\n"
    assert restarted.answer(back.asked(2)).status == 409


def test_strangers_and_nonsense_are_refused_by_the_right_status(folder: WitnessFolder) -> None:
    log = Log().grow(b"a")
    witness = knowing(folder, log)
    stranger = Log(signer=new_signer(ORIGIN, ED25519)).grow(b"a")
    assert witness.answer(stranger.asked(0)).status == 403
    assert witness.answer(Log("other.example/trail").grow(b"a").asked(0)).status == 404
    assert witness.answer(log.asked(2)).status == 400
    assert witness.answer(log.asked(0, (b"x" * 32,))).status == 422
    whole = log.asked(0)
    broken = [
        b"", b"\xff", b"old 0\n\n", whole.replace(b"old 0", b"old 00"),
        whole.replace(b"old 0", b"old -1"), whole.replace(b"old 0", b"old \xd9\xa1"),
        whole.replace(b"old 0\n", b"old 0\nnot base64\n"),
        whole.replace(b"old 0\n", b"old 0\n" + b"QQ==\n" * 64),
        whole.replace(b"old 0", b"old " + b"9" * 5000),
    ]  # fmt: skip
    assert [witness.answer(one).status for one in broken] == [400] * len(broken)
    assert witness.answer(whole).status == 200


def test_what_cannot_be_remembered_is_not_signed(
    folder: WitnessFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log().grow(b"a")
    witness = knowing(folder, log)

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(folder, "keep", full)
        with pytest.raises(OSError, match="space"):
            witness.answer(log.asked(0))
    assert witness.answer(log.asked(0)).status == 200


def test_many_at_once_see_one_head(folder: WitnessFolder) -> None:
    """Of two histories that are offered together one is signed, ever."""
    log = Log().grow(b"a")
    witness = knowing(folder, log)
    witness.answer(log.asked(0))
    offered = [log.grow(bytes([number])) for number in range(8)]
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(witness.answer(one.asked(1)).status))
        for one in offered
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, *[409] * 7]


def test_a_folder_is_one_processs_and_its_key_is_made_once(folder: WitnessFolder) -> None:
    with pytest.raises(FolderError, match="already"):
        folder.make(WITNESS)
    with folder.held(), pytest.raises(FolderError, match="another process"), folder.held():
        pass
    key = folder._path / "witness.key"  # noqa: SLF001  to look at it
    assert key.stat().st_mode & 0o777 == 0o600
    assert read_cosigner(key.read_text()).key == read_key(Witness(folder, ManualClock()).key)
    with pytest.raises(ValueError, match="another id"):
        read_key(new_cosigner("a").key.text().replace("a+", "b+", 1))


def test_a_known_log_gets_keys_only_that_its_known_ones_signed(world: World) -> None:
    proving, actor = world.services.proving, Actor("operator", "ins_test", new_id("cor"))
    signed(world.services)
    with world.services.database.read() as view:
        before = [shown(one) for one in proving.keys.published(view)]
    world.services.database.write(lambda transaction: proving.keys.rotate(transaction, actor))
    after = world.services.database.write(
        lambda transaction: [shown(one) for one in proving.keys.rotate(transaction, actor)]
    )
    (log,) = trusted({}, offered({"keys": before}))
    (grown,) = trusted({log.origin: log}, offered({"keys": after}))
    assert len(grown.keys) == len(log.keys) + 2
    forged = {**after[-1], "public_key": b64encode(b"f" * 32).decode()}
    stranger = {**forged, "statement": after[-1]["statement"], "cross_signature": None}
    for key in (forged, stranger):
        with pytest.raises(NotTrustedError):
            trusted({log.origin: log}, offered({"keys": [*before, key]}))
    (anew,) = trusted({log.origin: log}, offered({"keys": [stranger]}), anew=True)
    assert anew.size == log.size
