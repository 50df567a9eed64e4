"""Forms as workbooks and on paper: out, filled without a line, and back under the same record."""

import io
import zipfile
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
import time_machine

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups.models import InvitationState, WaveState
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, Blocker, Source
from trainingapp.programmes.models import Role
from trainingapp.responses import paper, proposals, queries, sheets
from trainingapp.responses.models import Response
from trainingapp.surveys.models import Anonymity


class Out:
    """A wave with two people, and its coordinator signed in."""

    def __init__(self, make, client):
        cohort = make.cohort()
        self.people = [make.participant(name, f"{name.lower()}@example.org") for name in ("Sita", "Karma")]
        enrolments = [make.enrolment(cohort, person, state="completed") for person in self.people]
        make.planned(enrolments[0], "Train two firms", "Open a laboratory")
        self.sita, _token = make.asked(enrolments[0])
        self.karma, _token = make.asked(enrolments[1], months=12)
        self.karma.wave_id = self.sita.wave_id
        self.activities = list(db.session.scalars(sa.select(Activity).order_by(Activity.position)))
        self.wave_id, self.client = self.sita.wave_id, client
        coordinator = make.user((cohort.theme.programme, Role.COORDINATOR), name="Devi Northstar")
        db.session.commit()
        client.sign_in(coordinator)

    def workbook(self, invitation=None):
        number = (invitation or self.sita).id
        return self.client.post(f"/responses/forms/{number}.xlsx").data

    def filled(self, data=None, **cells):
        """With what stands in cells; __ for a dash, and a trailing | for a question's own cell."""
        book = openpyxl.load_workbook(io.BytesIO(data or self.workbook()))
        page = book.worksheets[0]
        for row in page.iter_rows(min_row=sheets.FIRST_ROW + 1):
            if row[sheets.KEY].value in cells:
                row[sheets.ANSWER].value = cells[row[sheets.KEY].value]
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def look(self, *files):
        posted = [(io.BytesIO(data), f"form {number}.xlsx") for number, data in enumerate(files)]
        return self.client.post(f"/responses/forms/wave/{self.wave_id}", data={"file": posted})

    def record(self, page):
        kept = page.text.split('name="kept" value="')[1].split('"')[0]
        return self.client.post(f"/responses/forms/wave/{self.wave_id}/record", data={"kept": kept})


@pytest.fixture
def out(make, client):
    return Out(make, client)


def answers(out):
    first, second = out.activities
    return {
        f"a-{first.id}": "Done",
        f"a-{second.id}": "Stuck",
        f"a-{second.id}-percent": "40 %",
        f"a-{second.id}-blocker": "Money",
        f"a-{second.id}-note": "The bank said no",
        "q-shared|": 4,
    }


def test_a_workbook_goes_out_and_comes_back(out):
    page = out.look(out.filled(**answers(out)))
    assert "1 form can be recorded" in page.text
    assert "The bank said no" in page.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0
    assert out.record(page).status_code == 303
    db.session.expire_all()
    response = db.session.scalar(sa.select(Response))
    assert (response.source, response.invitation_id) == (Source.FILE, out.sita.id)
    assert response.recorded_by_id is not None
    report = db.session.scalar(
        sa.select(ActivityReport).where(ActivityReport.activity_id == out.activities[1].id)
    )
    assert (report.state, report.percent, report.blocker, report.note) == (
        ActivityState.BLOCKED,
        40,
        Blocker.FINANCE,
        "The bank said no",
    )
    assert out.sita.state is InvitationState.ANSWERED


@pytest.mark.parametrize("note", ["Sales grew by 60 %", "Money", "Done"])
def test_her_own_words_are_kept_as_she_wrote_them(out, note):
    second = out.activities[1]
    page = out.look(out.filled(**{**answers(out), f"a-{second.id}-note": note}))
    assert out.record(page).status_code == 303
    told = sa.select(ActivityReport.note).where(ActivityReport.activity_id == second.id)
    assert db.session.scalar(told) == note


def test_a_cell_that_a_spreadsheet_took_for_a_percentage_is_one(out):
    second = out.activities[1]
    book = openpyxl.load_workbook(io.BytesIO(out.filled(**answers(out))))
    cell = next(row for row in book.worksheets[0].iter_rows() if row[0].value == f"a-{second.id}-percent")
    cell[sheets.ANSWER].value, cell[sheets.ANSWER].number_format = 0.4, "0%"
    file = io.BytesIO()
    book.save(file)
    assert out.record(out.look(file.getvalue())).status_code == 303
    told = sa.select(ActivityReport.percent).where(ActivityReport.activity_id == second.id)
    assert db.session.scalar(told) == 40


@pytest.mark.parametrize("language", ["id", "fr", "fa_AF"])
def test_a_form_in_another_language_is_read_in_it(out, language):
    out.sita.language = language
    db.session.commit()
    choices = sheets.lines(queries.sheet(out.sita), language)[0].choices
    page = out.look(out.filled(**{f"a-{out.activities[0].id}": choices[0]}))
    assert out.record(page).status_code == 303
    db.session.expire_all()
    assert db.session.get(Activity, out.activities[0].id).state is ActivityState.DONE


def test_a_cell_that_cannot_be_read_is_named(out):
    page = out.look(out.filled(**{f"a-{out.activities[0].id}": "Perhaps", "q-shared|": "many"}))
    assert "Some cells cannot be read" in page.text
    assert "<b>D7</b>" in page.text
    assert 'name="kept"' not in page.text


def test_nothing_is_imported_by_halves(out):
    page = out.look(out.filled(**answers(out)), out.filled(out.workbook(out.karma), **{"q-shared|": 2}))
    assert "2 forms can be recorded" in page.text
    out.karma.wave.state = WaveState.CLOSED
    db.session.commit()
    refused = out.record(page)
    assert refused.status_code == 409
    assert "Nothing was recorded." in refused.text
    db.session.expire_all()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0


def refusal(out, data):
    page = out.look(data)
    assert 'name="kept"' not in page.text
    return page.text


def test_each_odd_form_is_refused_with_one_sentence(out, make):
    filled = out.filled(**answers(out))
    book = openpyxl.load_workbook(io.BytesIO(filled))
    book[sheets.HIDDEN]["A2"] = str(out.karma.id)
    file = io.BytesIO()
    book.save(file)
    assert "Rows of this form were added, removed or changed" in refusal(out, file.getvalue())
    book[sheets.HIDDEN]["A2"] = "²"
    file = io.BytesIO()
    book.save(file)
    assert "Rows of this form were added, removed or changed" in refusal(out, file.getvalue())
    book[sheets.HIDDEN]["A2"] = str(out.sita.id)
    book[sheets.HIDDEN]["A5"] = "no language"
    file = io.BytesIO()
    book.save(file)
    assert "Rows of this form were added, removed or changed" in refusal(out, file.getvalue())
    book[sheets.HIDDEN]["A5"] = "en"
    page = book.worksheets[0]
    page.append([page.cell(sheets.FIRST_ROW + 1, sheets.KEY + 1).value])
    file = io.BytesIO()
    book.save(file)
    assert "Rows of this form were added, removed or changed" in refusal(out, file.getvalue())
    del book[sheets.HIDDEN]
    file = io.BytesIO()
    book.save(file)
    assert "none of our forms" in refusal(out, file.getvalue())
    assert "Nothing is filled in" in refusal(out, out.workbook())
    assert "a PDF, not a spreadsheet" in refusal(out, b"%PDF-1.7 form")
    other, _token = make.asked(make.enrolment(out.sita.enrolment.cohort, state="completed"), months=24)
    db.session.commit()
    assert "belongs to another wave" in refusal(out, out.workbook(other))
    db.session.get(Activity, out.activities[0].id).removed_at = make.NOW
    db.session.commit()
    assert "were changed since this form was made" in refusal(out, filled)


def test_who_answered_already_or_replied_by_email_is_not_overwritten(out):
    filled = out.filled(**answers(out))
    out.sita.started_at = out.sita.due_at
    proposals.propose(out.sita, Source.EMAIL, {f"a-{out.activities[0].id}": "blocked"}, out.sita.due_at)
    db.session.commit()
    assert "has also replied by email" in refusal(out, filled)
    db.session.delete(proposals.waiting(out.sita))
    db.session.commit()
    assert out.record(out.look(filled)).status_code == 303
    assert "has answered already" in refusal(out, filled)


def test_the_same_person_twice_is_taken_once(out):
    filled = out.filled(**answers(out))
    page = out.look(filled, filled)
    assert "1 form can be recorded" in page.text
    assert "Another of these files is of the same person: form 0.xlsx" in page.text


def test_all_who_are_missing_get_a_workbook_each(out):
    archive = zipfile.ZipFile(io.BytesIO(out.client.post(f"/responses/forms/wave/{out.wave_id}.zip").data))
    assert sorted(name.split(" ")[0] for name in archive.namelist()) == ["Karma", "Sita"]


def test_who_took_forms_away_stands_in_the_trail(out):
    form, page = f"/responses/forms/{out.sita.id}.xlsx", f"/responses/forms/wave/{out.wave_id}"
    assert f'action="{form}"' in out.client.get(f"/followups/invitations/{out.sita.id}").text
    assert f'action="{page}.zip"' in out.client.get(page).text
    for address in (form, f"{page}.zip"):
        assert out.client.get(address).status_code == 405
        assert out.client.post(address).status_code == 200
    taken = sa.select(AuditEntry).where(AuditEntry.verb == "forms taken").order_by(AuditEntry.id)
    assert [(one.subject, one.subject_id, one.after) for one in db.session.scalars(taken)] == [
        ("invitations", out.sita.id, "1, xlsx"),
        ("waves", out.wave_id, "2, xlsx"),
    ]


def test_anonymous_questions_never_go_out_with_a_name(out):
    out.sita.wave.survey_version.anonymity = Anonymity.ANONYMOUS
    db.session.commit()
    for address in (f"forms/wave/{out.wave_id}", f"paper/{out.sita.id}"):
        assert out.client.get(f"/responses/{address}").status_code == 404
    assert out.client.post(f"/responses/forms/{out.sita.id}.xlsx").status_code == 404


def test_the_code_on_a_paper_opens_its_page(out):
    code = paper.code_of(out.sita.id)
    assert code in out.client.get(f"/responses/paper/wave/{out.wave_id}").text
    found = out.client.get("/responses/paper", query_string={"code": f" {code.lower()} "})
    assert found.location.endswith(f"/responses/record/{out.sita.id}?how=paper")
    typed = out.client.post(found.location, data={"how": "paper", "told_on": "2020-02-01", "q-shared": "3"})
    assert typed.status_code == 302
    db.session.expire_all()
    response = db.session.scalar(sa.select(Response))
    assert (response.source, response.told_on.isoformat()) == (Source.FILE, "2020-02-01")


def test_a_slip_of_the_pen_opens_nothing(app):
    with app.app_context():
        codes = {paper.code_of(number) for number in range(1, 2000)}
        assert len(codes) == 1999
        code = paper.code_of(77)
        assert paper.number_of(code) == 77
        wrong = [code[:place] + letter + code[place + 1 :] for place in (0, 2, 3) for letter in paper.LETTERS]
        assert [paper.number_of(each) for each in wrong if each != code and each[3] != "-"].count(77) == 0


def test_a_call_of_tomorrow_is_refused_and_what_was_typed_stays(out):
    address = f"/responses/record/{out.sita.id}"
    data = {"told_on": "2999-01-01", f"a-{out.activities[0].id}-note": "The dyer moved to Palpa."}
    page = out.client.post(address, data=data)
    assert page.status_code == 422
    assert "The dyer moved to Palpa." in page.text


def test_a_call_of_this_morning_counts_as_today_where_the_edition_is(out):
    before_midnight = clock.now().replace(hour=23, minute=30)
    tomorrow = (before_midnight + timedelta(days=1)).date()  # in Jakarta it is half past six of that day
    data = {"told_on": tomorrow.isoformat(), "q-shared": "3"}
    with time_machine.travel(before_midnight, tick=False):
        assert out.client.post(f"/responses/record/{out.sita.id}", data=data).status_code == 302
