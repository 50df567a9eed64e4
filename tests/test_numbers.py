"""Numbers from outside name a row, or nothing; never a broken page."""

import pytest

from trainingapp.numbers import LARGEST, whole

STRANGE = ["-1", "+1", " 1", "1.0", "²", "٣", "1_0", "", "NaN", str(LARGEST + 1), "9" * 5000]


def test_a_number_that_can_be_a_rows_is_read():
    assert [whole(text) for text in ("0", "7", str(LARGEST))] == [0, 7, LARGEST]


@pytest.mark.parametrize("text", STRANGE)
def test_what_can_be_no_rows_number_is_refused(text):
    with pytest.raises(ValueError, match="not the number of anything"):
        whole(text)


@pytest.mark.parametrize("number", [LARGEST + 1, 2**63, 10**20])
def test_a_number_beyond_every_key_in_an_address_is_no_page(app, client, make, number):
    client.sign_in(make.user(is_administrator=True))
    for address in (f"/cohorts/{number}", f"/participants/{number}", f"/followups/waves/{number}"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("number", [LARGEST + 1, 2**63, 10**20, "²", "9" * 4500])
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/users?after={}",
        "/accounts/audit-trail?programme={0}&before={0}&subject_id={0}&actor_id={0}",
        "/feedback/?cohort={0}&wave={0}&tag={0}&after={0}",
        "/participants/search?q=sita&cohort={}",
        "/visits/hosts?after=a&after_id={}",
        "/surveys/?page={}",
        "/cohorts/new?theme={}",
        "/followups/?after=2020-01-01.{}",
    ],
)
def test_a_number_beyond_every_key_in_a_question_finds_nothing(app, client, make, address, number):
    client.sign_in(make.user(is_administrator=True))
    assert client.get(address.format(number)).status_code in {200, 404}


def test_marking_comments_survives_any_number(app, client, make):
    client.sign_in(make.user(is_administrator=True))
    for odd in ("²:1", "1:²", f"{10**20}:1", f"1:{10**20}", "9" * 5000 + ":1"):
        assert client.post("/feedback/mark", data={"id": odd, "do": "read"}).status_code == 303
        number = odd.partition(":")[0]
        assert client.post("/feedback/undo", data={"change": number}).status_code in {303, 400, 404}
