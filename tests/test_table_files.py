"""What a table's file holds: all rows that the page's filters leave, harmless, and noted in the trail."""

import csv
import io

import sqlalchemy as sa
from openpyxl import load_workbook

from trainingapp import paging
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.programmes.models import Role


def lines(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def crowd(make, people):
    programme = make.programme()
    cohort = make.cohort(make.theme(programme))
    for number in range(people):
        name = f"=Person {number:03}"
        facts = {"country": "NP" if number % 2 else "LA", "state": EnrolmentState.COMPLETED}
        make.enrolment(cohort, make.participant(name, country=facts["country"]), **facts)
    organiser = make.user((programme, Role.ORGANISER))
    db.session.commit()
    return programme, organiser


def test_a_file_has_every_page_of_a_list_as_it_is_filtered_and_nothing_in_it_runs(client, make, monkeypatch):
    monkeypatch.setattr(paging, "STRETCH", 20)
    _programme, organiser = crowd(make, 90)
    client.sign_in(organiser)
    every = lines(client.post("/participants/list.csv?after=whatever"))
    assert len(every) == 1 + 90
    assert every[1][0] == "'=Person 000"
    some = client.post("/participants/list.xlsx?country=NP")
    sheet = load_workbook(io.BytesIO(some.data)).active
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert len(names) == 45
    assert sheet["A2"].data_type == "s"
    taken = db.session.scalars(sa.select(AuditEntry.after).where(AuditEntry.verb == "table taken")).all()
    assert sorted(taken) == ["People, csv", "People, xlsx"]


def test_the_name_of_a_file_says_the_day(client, make):
    _programme, organiser = crowd(make, 1)
    client.sign_in(organiser)
    disposition = client.post("/participants/list.csv").headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="People 2')


def test_who_may_see_nobody_gets_no_file_and_nothing_is_noted(client, make):
    programme, _organiser = crowd(make, 1)
    viewer = make.user((programme, Role.VIEWER))
    db.session.commit()
    client.sign_in(viewer)
    assert client.post("/participants/list.csv").status_code == 403
    assert db.session.scalar(sa.select(AuditEntry.id).where(AuditEntry.verb == "table taken")) is None
