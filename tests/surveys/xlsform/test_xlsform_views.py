"""The pages around XLSForms: look first, then import; download, and bring back."""

import html
import io
import re

import sqlalchemy as sa
from factories import NOW
from workbooks import form

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.surveys import actions, queries
from trainingapp.surveys.models import Question, SurveyVersion
from trainingapp.surveys.xlsform import actions as xlsform
from trainingapp.surveys.xlsform import reading

SMALL = form(
    ("integer", "age", "How old?"),
    {"type": "text", "name": "job", "label": "Which work?", "relevant": "${age} > 15", "appearance": "w1"},
    settings={"form_title": "Work", "form_id": "work_1"},
)


def look(client, programme, data, name="work.xlsx"):
    return client.post("/surveys/import", data={"programme": programme.id, "file": (io.BytesIO(data), name)})


def signed(page):
    return html.unescape(re.search(r'name="read"[^>]*value="([^"]*)"', page.text).group(1))


def test_a_form_is_looked_at_first_and_nothing_is_saved(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = look(client, programme, SMALL)
    assert page.status_code == 200
    assert "Import as a draft questionnaire" in page.text
    assert "appearance" in page.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion)) == 0


def test_what_was_looked_at_becomes_a_draft(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    read = signed(look(client, programme, SMALL))
    answer = client.post("/surveys/import/draft", data={"programme": programme.id, "read": read})
    assert answer.status_code == 303
    version = db.session.scalars(sa.select(SurveyVersion)).one()
    assert (version.survey.key, version.survey.title, version.number) == ("work-1", "Work", 1)
    assert version.published_at is None
    assert "imported" in db.session.scalars(sa.select(AuditEntry.verb)).all()
    assert "Which work?" in client.get(f"/surveys/versions/{version.id}").text
    client.post("/surveys/import/draft", data={"programme": programme.id, "read": read})
    assert sorted(db.session.scalars(sa.select(SurveyVersion.number))) == [1, 2]


def test_a_form_that_is_refused_says_where_and_offers_no_import(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = look(client, programme, form({"type": "calculate", "name": "a", "calculation": "because"}))
    assert page.status_code == 422
    assert "calculation" in page.text
    assert "Import as a draft questionnaire" not in page.text


def test_a_wrong_file_is_refused_in_one_sentence(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = look(client, programme, b"%PDF-1.7", "plan.pdf")
    assert page.status_code == 422
    assert "This is a PDF, not a spreadsheet." in page.text


def test_no_file_at_all_keeps_the_page(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = client.post("/surveys/import", data={"programme": programme.id})
    assert page.status_code == 422
    assert "Choose the file with the form." in page.text


def test_what_nobody_signed_is_not_imported(client, make):
    programme = make.programme()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    client.post("/surveys/import/draft", data={"programme": programme.id, "read": "made up"})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion)) == 0


def test_a_form_goes_into_ones_own_programmes_only(client, make):
    mine, theirs = make.programme(), make.programme()
    client.sign_in(make.user((mine, Role.COORDINATOR)))
    assert look(client, theirs, SMALL).status_code == 422
    read = signed(look(client, mine, SMALL))
    answer = client.post("/surveys/import/draft", data={"programme": theirs.id, "read": read})
    assert answer.status_code == 404


def test_each_shipped_questionnaire_goes_out_and_comes_back_the_same(client, make):
    programme = make.programme()
    versions = actions.ship_questionnaires(programme, NOW)
    client.sign_in(make.user((programme, Role.ORGANISER)))
    for version in versions:
        answer = client.get(f"/surveys/versions/{version.id}/xlsform")
        assert "attachment" in answer.headers["Content-Disposition"]
        found, report = reading.read(answer.data, "form.xlsx")
        assert not report.refused
        assert found == xlsform.form_of(version)


def test_a_draft_is_stored_as_it_was_read(app, make):
    programme = make.programme()
    found, _report = reading.read(SMALL, "work.xlsx")
    version = xlsform.import_form(programme, found, "work", NOW)
    stored = xlsform.form_of(version)
    assert (stored.sections, stored.questions) == (found.sections, found.questions)
    assert [one.position for one in queries.questions_of(version)] == [1, 2]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Question)) == 2
