"""The first page, as anyone sees it."""


def test_a_stranger_is_shown_the_door(client):
    page = client.get("/accounts/me")
    assert page.status_code == 302
    assert "/accounts/sign-in" in page.location


def test_someone_signed_in_sees_their_page(client, make):
    user = make.user()
    client.sign_in(user)
    assert client.get("/accounts/me").status_code == 200
