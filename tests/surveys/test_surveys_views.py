from factories import NOW

from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.surveys import actions, queries
from trainingapp.surveys.builder import actions as builder
from trainingapp.surveys.models import Survey, SurveyVersion
from trainingapp.surveys.versions import actions as versions


def test_the_list_shows_versions_with_their_length_and_languages(client, make):
    programme = make.programme()
    actions.ship_questionnaires(programme, NOW)
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = client.get("/surveys/").text
    assert "After 6 months" in page
    assert "Bahasa Indonesia" in page


def test_an_empty_list_says_what_to_do(client, make):
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    assert "No questionnaires yet" in client.get("/surveys/").text


def test_a_version_is_previewed_in_each_language(client, make):
    programme = make.programme()
    actions.ship_questionnaires(programme, NOW)
    number = queries.latest_for(programme.id, 6).id
    client.sign_in(make.user((programme, Role.ORGANISER)))
    english = client.get(f"/surveys/versions/{number}")
    assert "How often do you use something you learnt?" in english.text
    dari = client.get(f"/surveys/versions/{number}?ask_in=fa_AF").text
    assert f'src="/responses/preview/{number}?l=fa_AF' in dari
    real = client.get(f"/responses/preview/{number}?l=fa_AF").text
    assert '<html lang="fa-AF" dir="rtl">' in real
    assert "هر هفته" in real


def test_a_preview_hides_what_is_not_asked_as_the_real_page_does(client, make):
    programme = make.programme()
    actions.ship_questionnaires(programme, NOW)
    numbers = {months: queries.latest_for(programme.id, months).id for months in (1, 6)}
    client.sign_in(make.user((programme, Role.ORGANISER)))
    assert "questions.js" in client.get(f"/responses/preview/{numbers[1]}").text
    assert "questions.js" not in client.get(f"/responses/preview/{numbers[6]}").text


def test_a_preview_has_the_sections_and_the_conditions_of_the_real_page(client, make):
    programme = make.programme()
    version = versions.begin(programme, "month-9", "After 9 months", ["en"])
    builder.add(version, "yes_no", {"en": "Any firm?"}, "any")
    section = builder.add_section(version, "About the firm", "en")
    section.relevant = "${any} = 'yes'"
    builder.add(version, "text", {"en": "Which one?"}, "which").section_id = section.id
    db.session.commit()
    client.sign_in(make.user((programme, Role.ORGANISER)))
    page = client.get(f"/responses/preview/{version.id}").text
    assert "About the firm" in page
    assert "when.js" in page


def test_other_programmes_questionnaires_are_not_said_to_exist(client, make):
    mine, theirs = make.programme(), make.programme()
    actions.ship_questionnaires(theirs, NOW)
    number = queries.latest_for(theirs.id, 6).id
    viewer = make.user((theirs, Role.VIEWER))
    client.sign_in(make.user((mine, Role.COORDINATOR)))
    assert "After 6 months" not in client.get("/surveys/").text
    assert client.get(f"/surveys/versions/{number}").status_code == 404
    assert client.get(f"/responses/preview/{number}").status_code == 404
    db.session.add(viewer)
    client.sign_in(viewer)
    assert client.get("/surveys/").status_code == 403


def test_the_list_is_paged_and_its_queries_do_not_grow(client, make):
    programme = make.programme()
    programme_id = programme.id
    actions.ship_questionnaires(programme, NOW)
    client.sign_in(make.user((programme, Role.COORDINATOR)))

    few = client.statements("/surveys/")
    for number in range(60):
        survey = make.add(Survey(programme_id=programme_id, key=f"s{number}", title=f"S {number}"))
        make.add(SurveyVersion(survey_id=survey.id, number=1))
    db.session.commit()
    assert client.statements("/surveys/") == few
    assert "page=2" in client.get("/surveys/").text
    assert "page=1" in client.get("/surveys/?page=2").text


def test_a_coordinator_brings_in_what_is_newer_and_hears_when_there_is_nothing(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    assert "Or take one from the box" in client.get("/surveys/new").text
    address = f"/surveys/programmes/{programme.id}/newer"
    assert "8 drafts are ready to read." in client.post(address, follow_redirects=True).text
    again = client.post(address, follow_redirects=True).text
    assert "This programme asks everything that is in the box" in again
    elsewhere = make.programme()
    db.session.commit()
    assert client.post(f"/surveys/programmes/{elsewhere.id}/newer").status_code == 404
