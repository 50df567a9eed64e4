"""What a page says of something that went wrong, and in whose language."""


def test_what_went_wrong_before_a_link_was_looked_up_is_said_in_the_browsers_language(client):
    client.without_csrf = True
    page = client.post("/r/page/0", headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"})
    assert page.status_code == 400
    assert '<html lang="fr"' in page.text


def test_a_browser_that_says_nothing_and_one_of_kabul_are_both_answered(client):
    assert '<html lang="en"' in client.get("/nowhere").text
    page = client.get("/nowhere", headers={"Accept-Language": "prs, fa;q=0.9"})
    assert '<html lang="fa-AF" dir="rtl"' in page.text


def test_who_is_signed_in_reads_it_in_their_own_language(client, make):
    client.sign_in(make.user(language="id"))
    assert '<html lang="id"' in client.get("/nowhere", headers={"Accept-Language": "fr"}).text


def test_an_address_asked_for_in_another_way_says_what_to_do(client):
    page = client.get("/accounts/sign-out")
    assert page.status_code == 405
    assert "load it again" in page.text
