from pathlib import Path
from types import SimpleNamespace

from authserver.core.ids import new_id
from authserver.delivery.folder import MailFolder


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert MailFolder(tmp_path / "mail").newest(10) == []


def test_the_newest_mails_come_first(post: SimpleNamespace) -> None:
    ids = [post.enqueue(f"p{number}@example.com") for number in range(4)]
    post.worker().deliver_due()
    found = MailFolder(post.folder).newest(3)
    assert [mail.id for mail in found] == sorted(ids, reverse=True)[:3]
    assert {"Hello Ada," in mail.body("plain") for mail in found} == {True}
    assert {"<p>Hello Ada,</p>" in mail.body("html") for mail in found} == {True}


def test_only_ids_of_messages_name_a_file(post: SimpleNamespace) -> None:
    message_id = post.enqueue()
    post.worker().deliver_due()
    (post.folder.parent / "secret.eml").write_text("Subject: x\n\n")
    folder = MailFolder(post.folder)
    assert folder.find(message_id)
    for name in ("../secret", "secret", new_id("msg"), f"{message_id}.eml", "", message_id.upper()):
        assert folder.find(name) is None
