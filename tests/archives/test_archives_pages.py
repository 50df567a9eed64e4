"""The pages of old answers: odd maps, and nobody to bring them in for."""

import io
import json

import pytest

from trainingapp.archives.models import ArchiveDraft
from trainingapp.db import db
from trainingapp.programmes.models import Role


@pytest.fixture
def draft(make, client):
    """The address of a file that waits for its map."""
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    file = (io.BytesIO(b"Timestamp,Useful\n2019-01-01,yes\n"), "old.csv")
    answer = client.post(
        "/archives/new", data={"file": file, "survey": "old", "programme": f"{programme.id}", "edition": ""}
    )
    return answer.location


def use(client, draft, key, **facts):
    columns = [{"heading": "Useful", "use": "answer", "key": key}]
    asked = {key: {"kind": "text", "wording": {"en": "Useful?"}}}
    a_map = json.dumps({"survey": "old", "columns": columns, "questions": asked, **facts})
    return client.post(f"{draft}/map", data={"file": (io.BytesIO(a_map.encode()), "map.json")})


def test_letters_that_no_database_keeps_are_taken_out_of_a_map(client, draft):
    assert use(client, draft, "useful", source="Paper\0\ud800").status_code == 303
    assert db.session.query(ArchiveDraft).one().mapping["source"] == "Paper"


def test_a_key_that_no_condition_could_name_is_refused(client, draft):
    use(client, draft, "how useful\n")
    page = client.post(draft, data={"do": "bring"})
    assert page.status_code == 422
    assert "a key begins with a letter" in page.text


def test_without_a_programme_the_page_says_so(client, make):
    client.sign_in(make.user(is_administrator=True))
    assert "No programme yet" in client.get("/archives/new").text
    assert client.post("/archives/new", data={"survey": "old"}).status_code == 422
