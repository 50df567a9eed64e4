"""Answering a letter in the local mailbox of a try-out."""

import email
import email.policy
from pathlib import Path

from trainingapp.local import mailbox

LETTER = b"""From: Lanjut <followup@lanjut.example>
To: sita@example.org
Reply-To: answers+1.abc@lanjut.example
Subject: Sita, how is your plan?
Message-ID: <ours@lanjut.example>
Date: Mon, 2 Mar 2026 09:00:00 +0000

1. Train two firms
"""


def test_a_reply_goes_where_returned_mail_is_read(tmp_path):
    postman = mailbox.Postman(tmp_path)
    key = postman.box.add(LETTER)
    client = mailbox.pages(tmp_path / "mail").test_client()
    [name] = [path.name for path in (tmp_path / "mail" / "new").iterdir() if path.name.startswith(key)]
    assert "Answer it" in client.get(f"/{name}").text
    assert client.post(f"/{name}/reply", data={"text": "1 done\r\n"}).status_code == 303
    [path] = Path(tmp_path / "returned" / "new").iterdir()
    reply = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (reply["From"], reply["To"]) == ("sita@example.org", "answers+1.abc@lanjut.example")
    assert reply["In-Reply-To"] == "<ours@lanjut.example>"
    assert reply.get_content().startswith("1 done\n\nOn Mon, 02 Mar 2026")
    assert "\n> 1. Train two firms" in reply.get_content()
