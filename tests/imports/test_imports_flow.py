"""From a file to enrolments and back."""

import io
import json
import threading
import zipfile
from datetime import timedelta

import factories
import pytest
import sqlalchemy as sa
import xlsxwriter
from clients import counting
from databases import on_postgresql_alone

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.accounts.models import AuditEntry
from trainingapp.clock import TimeIsUp
from trainingapp.cohorts import actions as cohorts
from trainingapp.cohorts.models import CountryQuota, Enrolment, EnrolmentKind, EnrolmentWord
from trainingapp.db import db
from trainingapp.imports import actions, enrolling, queries, undoing, work
from trainingapp.imports.models import (
    Decision,
    ImportBatch,
    ImportFile,
    ImportRow,
    ImportState,
    KnownHeading,
    Verdict,
)
from trainingapp.participants import actions as people
from trainingapp.participants.actions import index
from trainingapp.participants.models import ContactPoint, ContactState, NameWord, Participant
from trainingapp.plans.models import ActionPlan
from trainingapp.programmes.models import Role
from trainingapp.spreadsheets import reading

NOW = factories.NOW
ASSUMED = {"kind": "official", "country": "", "dates": ""}
HEAD = "Name,Country,E-mail,Date of birth,Organisation\n"


@pytest.fixture
def cohort(app):
    made = factories.cohort()
    db.session.commit()
    return made


def staged(cohort, text, **assumed):
    batch = actions.upload(cohort, "people.csv", text.encode(), None, NOW)
    actions.read(batch)
    assert batch.state is ImportState.MAPPING, batch.problem
    actions.match_columns(batch, batch.mapping, {"country": "", "dates": "", **assumed})
    actions.check(batch, NOW)
    db.session.commit()
    return batch


def rows(batch):
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    return list(db.session.scalars(query))


def verdicts(batch):
    return [row.verdict for row in rows(batch)]


def texts(row):
    return [reason["text"] for reason in row.reasons]


def run(batch):
    actions.confirm(batch)
    work.proceed(batch, NOW)
    db.session.commit()


def directory(full_name, **facts):
    """Someone who can be found by the words of their name."""
    person = factories.participant(full_name, **facts)
    index(person)
    return person


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_nothing_is_enrolled_before_the_organiser_says_yes(cohort):
    batch = staged(cohort, HEAD + "Siti,Indonesia,s@example.org,1988-02-28,KADIN\nSuharto,Lao,,,\n")
    assert verdicts(batch) == [Verdict.NEW, Verdict.NEW]
    assert count(Participant) == count(Enrolment) == 0
    run(batch)
    assert batch.state is ImportState.IMPORTED
    siti = db.session.scalar(sa.select(Participant).where(Participant.full_name == "Siti"))
    assert (siti.country, siti.born_on.isoformat(), siti.sort_name) == ("ID", "1988-02-28", "siti")
    enrolment = db.session.scalar(sa.select(Enrolment).where(Enrolment.participant_id == siti.id))
    assert (enrolment.organisation, enrolment.kind) == ("KADIN", EnrolmentKind.OFFICIAL)
    assert db.session.scalar(sa.select(ContactPoint.normalised)) == "s@example.org"
    assert set(db.session.scalars(sa.select(NameWord.word))) == {"siti", "suharto"}
    assert count(ImportFile) == 0
    verbs = list(db.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)))
    assert verbs.count("added") == 2
    assert "imported" in verbs


def test_a_second_yes_changes_nothing(cohort):
    batch = staged(cohort, HEAD + "Siti,Indonesia,,,\n")
    run(batch)
    run(batch)
    assert count(Enrolment) == 1


def test_people_are_known_by_address_or_by_name_and_birth_date(cohort, make):
    directory("Bishal Copperleaf", email="b@example.org", country="NP")
    born = clock.now().date().replace(year=1985, month=5, day=9)
    directory("Aye Khaing", country="MM", born_on=born)
    db.session.commit()
    batch = staged(cohort, HEAD + "Bishal Copper-Leaf,Nepal,B@example.org,,\nAYE KHAING,Burma,,9 May 1985,\n")
    assert verdicts(batch) == [Verdict.KNOWN, Verdict.KNOWN]
    run(batch)
    assert count(Participant) == 2
    assert count(Enrolment) == 2


def test_someone_much_alike_waits_for_a_decision_with_the_reason_in_words(cohort, make):
    born = clock.now().date().replace(year=1985, month=5, day=9)
    known = directory("Bishal Copperleaf", email="bishal@example.net", born_on=born)
    make.enrolment(make.cohort(), known, organisation="Cottage Industry Board")
    db.session.commit()
    text = HEAD + "Bishal Copper Leaf,India,b.copperleaf@example.org,9 May 1985,Cottage Industry Board\n"
    batch = staged(cohort, text)
    row = rows(batch)[0]
    assert row.verdict is Verdict.MAYBE
    assert texts(row) == ["The name differs by one space.", "Date of birth and organisation are the same."]
    assert queries.counts(batch).ready == 0
    actions.decide(batch, row.number, Decision.SAME)
    run(batch)
    assert count(Participant) == 1
    addresses = sa.select(ContactPoint.normalised).order_by(ContactPoint.position)
    assert list(db.session.scalars(addresses)) == ["b.copperleaf@example.org", "bishal@example.net"]


def test_someone_else_of_the_same_name_is_added_when_said_so(cohort, make):
    directory("Bishal Copperleaf")
    db.session.commit()
    batch = staged(cohort, HEAD + "Bishal Copperleaf,Nepal,,,\nBishal Copperleave,Nepal,,,\n")
    assert verdicts(batch) == [Verdict.MAYBE, Verdict.MAYBE]
    actions.decide(batch, 2, Decision.NEW)
    actions.decide(batch, 3, Decision.SKIP)
    run(batch)
    assert count(Participant) == 2
    assert len(queries.left_behind(batch)) == 1


def test_an_office_address_with_another_name_is_not_taken_for_the_same_person(cohort, make):
    directory("Bishal Copperleaf", email="info@moi.gov.np")
    db.session.commit()
    batch = staged(cohort, HEAD + "Sunita Quernstone,Nepal,info@moi.gov.np,,\n")
    assert verdicts(batch) == [Verdict.MAYBE]
    actions.decide(batch, 2, Decision.NEW)
    run(batch)
    assert count(Participant) == 2
    assert count(ContactPoint) == 1


def test_who_is_enrolled_already_stays_as_they_are(cohort, make):
    make.enrolment(cohort, directory("Siti", email="s@example.org"))
    db.session.commit()
    batch = staged(cohort, HEAD + "Siti,Nepal,s@example.org,,\n")
    assert verdicts(batch) == [Verdict.KNOWN]
    assert "Already enrolled in this edition: nothing to do." in texts(rows(batch)[0])
    run(batch)
    assert count(Enrolment) == 1


def test_two_same_addresses_name_both_rows(cohort):
    batch = staged(cohort, HEAD + "Siti,Nepal,a@example.org,,\nSari,Nepal,A@example.org,,\n")
    assert verdicts(batch) == [Verdict.WRONG, Verdict.WRONG]
    assert texts(rows(batch)[0])[0].startswith("Rows 2 and 3 have the same email address, a@example.org.")


def test_the_same_person_twice_in_a_file_is_asked_about(cohort):
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\nSITI,Nepal,,,\n")
    assert verdicts(batch) == [Verdict.NEW, Verdict.MAYBE]


def test_a_cell_is_corrected_in_place_and_the_row_is_checked_again(cohort):
    batch = staged(cohort, HEAD + "Siti,Atlantis,siti@example,31/02/1988,\nSari,Nepal,,,\n")
    row = rows(batch)[0]
    assert {reason["field"] for reason in row.reasons} == {"country", "email", "born_on"}
    typed = {row.id: {"country": "Nepal", "email": "siti@example.org", "born_on": "28 Feb 1988"}}
    assert actions.correct(batch, typed, NOW) == 1
    db.session.commit()
    assert verdicts(batch) == [Verdict.NEW, Verdict.NEW]
    assert actions.correct(batch, typed, NOW) == 0


def test_capacity_holds_and_nothing_is_half_done(cohort):
    cohort.capacity = 1
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\nSari,Nepal,,,\n")
    run(batch)
    assert batch.state is ImportState.REVIEW
    assert batch.problem.startswith("There is room for 1 in this edition, and the rows to import come to 2.")
    assert count(Participant) == 0


def test_a_countrys_share_holds(cohort):
    db.session.add(CountryQuota(cohort_id=cohort.id, country="NP", places=1))
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\nSari,Nepal,,,\n")
    run(batch)
    assert batch.state is ImportState.REVIEW
    assert "There is room for 1 from Nepal" in batch.problem


def test_someone_added_since_the_check_is_noticed(cohort, make):
    batch = staged(cohort, HEAD + "Siti,Nepal,s@example.org,,\n")
    directory("Siti", email="s@example.org")
    db.session.commit()
    run(batch)
    assert batch.state is ImportState.REVIEW
    assert verdicts(batch) == [Verdict.KNOWN]
    assert count(Enrolment) == 0


def test_an_import_is_undone_whole(cohort, make):
    known = directory("Bishal Copperleaf", email="b@example.org")
    db.session.commit()
    batch = staged(
        cohort, HEAD + "Siti,Nepal,s@example.org,,\nBishal Copperleaf,Nepal,b@example.org,1985-05-09,\n"
    )
    run(batch)
    assert known.born_on is not None
    assert undoing.undo(batch, NOW) == 2
    db.session.commit()
    assert batch.state is ImportState.UNDONE
    assert list(db.session.scalars(sa.select(Participant.full_name))) == ["Bishal Copperleaf"]
    assert db.session.get(Participant, known.id).born_on is None
    assert count(Enrolment) == 0
    assert undoing.undo(batch, NOW) == 0


def test_an_import_and_its_undoing_keep_search_words_in_step(cohort, make):
    known = directory("Bishal Copperleaf", email="b@example.org")
    earlier = make.enrolment(make.cohort(), known)
    db.session.commit()

    def words_in(edition):
        query = sa.select(EnrolmentWord.word).where(EnrolmentWord.cohort_id == edition)
        return sorted(db.session.scalars(query))

    head = HEAD.replace("Organisation", "Organisation,Post,Name in the passport")
    text = head + "Siti,Nepal,,,KADIN,Chair,\nBishal Copperleaf,Nepal,b@example.org,,,,BISHAL KUMAR\n"
    batch = staged(cohort, text)
    run(batch)
    assert words_in(cohort.id) == ["bishal", "chair", "copperleaf", "kadin", "kumar", "siti"]
    assert words_in(earlier.cohort_id) == ["bishal", "copperleaf", "kumar"]
    undoing.undo(batch, NOW)
    db.session.commit()
    assert words_in(cohort.id) == []
    assert words_in(earlier.cohort_id) == ["bishal", "copperleaf"]
    assert set(db.session.scalars(sa.select(NameWord.word))) == {"bishal", "copperleaf"}


def test_an_import_stays_once_someone_worked_on_its_rows(cohort):
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\n")
    run(batch)
    enrolment = db.session.scalar(sa.select(Enrolment))
    db.session.add(ActionPlan(enrolment_id=enrolment.id, saved_at=NOW))
    db.session.commit()
    with pytest.raises(undoing.WorkedOn):
        undoing.undo(batch, NOW)
    db.session.rollback()
    found = undoing.blockers(batch)
    assert [(blocker.number, blocker.name, blocker.table) for blocker in found] == [
        (2, "Siti", "action_plans")
    ]


def test_an_edited_enrolment_keeps_the_import(cohort):
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\n")
    run(batch)
    db.session.scalar(sa.select(Enrolment)).post = "Director"
    db.session.commit()
    with pytest.raises(undoing.WorkedOn):
        undoing.undo(batch, NOW + timedelta(hours=1))


def test_headings_are_remembered_for_the_programme(cohort):
    batch = actions.upload(cohort, "a.csv", b"Wakil,Country\nSiti,Nepal\n", None, NOW)
    actions.read(batch)
    assert batch.mapping == {"1": "country"}
    with pytest.raises(actions.ColumnsMissing, match=r"No column is matched to: Name\. The file has “Wakil”"):
        actions.match_columns(batch, batch.mapping, {})
    actions.match_columns(batch, {"0": "full_name", "1": "country"}, {})
    assert db.session.scalar(sa.select(KnownHeading.field)) == "full_name"
    again = actions.upload(cohort, "b.csv", b"Country,Wakil\nNepal,Siti\n", None, NOW)
    actions.read(again)
    assert again.mapping == {"0": "country", "1": "full_name"}


def test_rows_without_people_are_passed_over(cohort):
    text = "Nominees 2026\n\n" + "No,Name,Country\n1,Siti,Nepal\n2,,\nNo,Name,Country\n,(1),(2)\n"
    batch = staged(cohort, text)
    assert batch.heading_row == 3
    assert verdicts(batch) == [Verdict.NEW, None, None, Verdict.WRONG]


def test_a_worker_takes_what_waits_one_at_a_time(cohort):
    batch = actions.upload(cohort, "a.csv", (HEAD + "Siti,Nepal,,,\n").encode(), None, NOW)
    db.session.commit()
    assert work.read_waiting(NOW) == 1
    assert batch.state is ImportState.MAPPING
    assert work.read_waiting(NOW) == 0
    actions.match_columns(batch, batch.mapping, {})
    assert work.read_waiting(NOW) == 1
    actions.confirm(batch)
    assert work.read_waiting(NOW) == 1
    assert batch.state is ImportState.IMPORTED


def test_the_number_of_statements_does_not_grow_with_the_rows(cohort):
    def statements(size):
        lines = "".join(f"Person{n} Family{n},Nepal,p{n}.{size}@example.org,,\n" for n in range(size))
        with counting() as asked:
            batch = staged(cohort, HEAD + lines)
            cohort.capacity = 1000
            run(batch)
        assert batch.state is ImportState.IMPORTED, batch.problem
        return len(asked)

    few = statements(2)
    undoing.undo(db.session.scalar(sa.select(ImportBatch)), NOW)
    db.session.commit()
    assert statements(120) <= few + 2


# The pages --------------------------------------------------------------------------------------------


@pytest.fixture
def organiser(cohort, client):
    user = factories.user((cohort.theme.programme, Role.ORGANISER))
    db.session.commit()
    client.sign_in(user)
    return user


def send(client, cohort, content, name="people.csv"):
    data = {"file": (io.BytesIO(content), name)}
    return client.post(f"/imports/cohorts/{cohort.id}", data=data, follow_redirects=True)


def only_batch():
    db.session.expire_all()
    return db.session.scalar(sa.select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1))


def test_the_whole_way_on_the_screen(client, cohort, organiser):
    assert client.get(f"/imports/cohorts/{cohort.id}").status_code == 200
    page = send(client, cohort, (HEAD + "Siti,Atlantis,,,\nSari,Nepal,,,\n").encode())
    assert "What each column means" in page.text
    batch = only_batch()
    base = f"/imports/{batch.id}"
    mapping = {f"column-{at}": field for at, field in batch.mapping.items()}
    page = client.post(f"{base}/columns", data={**mapping, **ASSUMED}, follow_redirects=True)
    assert "This is a dry run" in page.text
    assert "We do not know a country called “Atlantis”." in page.text
    left = client.get(f"{base}/left.csv")
    assert "Country: We do not know a country called “Atlantis”." in left.text
    row = rows(batch)[0]
    page = client.post(f"{base}/import", data={f"row-{row.id}-country": "Bhutan"}, follow_redirects=True)
    assert "What you corrected was checked first" in page.text
    page = client.post(f"{base}/import", follow_redirects=True)
    assert "2 people are enrolled." in page.text
    assert client.post(f"{base}/import", follow_redirects=True).status_code == 200
    assert count(Enrolment) == 2
    page = client.post(f"{base}/undo", follow_redirects=True)
    assert "This import was undone." in page.text
    assert count(Enrolment) == 0


def test_a_wrong_file_is_refused_beside_a_new_choice(client, cohort, organiser):
    page = send(client, cohort, b"%PDF-1.7", "list.xlsx")
    assert page.status_code == 422
    assert "This is a PDF, not a spreadsheet." in page.text
    assert client.post(f"/imports/cohorts/{cohort.id}").status_code == 422


def test_a_file_of_200_mb_is_refused(client, cohort, organiser):
    page = client.post(
        f"/imports/cohorts/{cohort.id}",
        input_stream=io.BytesIO(b"x"),
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
        content_type="multipart/form-data; boundary=b",
    )
    assert page.status_code == 413
    assert "at most 20 MB" in page.text


def test_a_large_file_waits_for_a_worker_and_can_be_read_by_hand(client, cohort, organiser):
    text = HEAD + "".join(f"Person {n},Nepal,,,{'x' * 150}\n" for n in range(4_000))
    page = send(client, cohort, text.encode())
    assert "You can leave this page" in page.text
    batch = only_batch()
    page = client.post(f"/imports/{batch.id}/now", follow_redirects=True)
    assert "What each column means" in page.text


def test_another_sheet_can_be_chosen(client, cohort, organiser):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, person in (("Batch 1", "Siti"), ("Batch 2", "Sari")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Name", "Country"])
            sheet.write_row(1, 0, [person, "Nepal"])
    send(client, cohort, file.getvalue(), "people.xlsx")
    batch = only_batch()
    client.post(f"/imports/{batch.id}/again", data={"sheet": "Batch 2", "heading_row": "1"})
    assert rows(only_batch())[0].cells == ["Sari", "Nepal"]


def test_a_decision_is_taken_beside_the_person(client, cohort, organiser, make):
    directory("Bishal Copperleaf")
    db.session.commit()
    batch = staged(cohort, HEAD + "Bishal Copper Leaf,Nepal,,,\n")
    page = client.get(f"/imports/{batch.id}")
    assert "Same person or not?" in page.text
    assert client.post(f"/imports/{batch.id}/rows/2", data={}).status_code == 422
    client.post(f"/imports/{batch.id}/rows/2", data={"decision": "same"})
    assert (
        rows(batch)[0].decision is Decision.SAME
        or db.session.expire_all()
        or rows(batch)[0].decision is Decision.SAME
    )


def test_giving_up_forgets_the_file(client, cohort, organiser):
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\n")
    assert "forgotten" in client.post(f"/imports/{batch.id}/give-up", follow_redirects=True).text
    assert count(ImportBatch) == count(ImportRow) == 0


def test_someone_elses_import_does_not_exist(client, cohort, make):
    batch = staged(cohort, HEAD + "Siti,Nepal,,,\n")
    stranger = make.user((make.programme(), Role.ORGANISER))
    coordinator = make.user((cohort.theme.programme, Role.COORDINATOR), (make.programme(), Role.ORGANISER))
    db.session.commit()
    for user, status in ((stranger, 404), (coordinator, 403)):
        client.sign_in(user)
        assert client.get(f"/imports/{batch.id}").status_code == status
        assert client.get(f"/imports/{batch.id}/left.csv").status_code == status
        assert client.get(f"/imports/cohorts/{cohort.id}").status_code == status
        for verb in ("now", "columns", "again", "rows", "rows/2", "import", "undo", "give-up"):
            assert client.post(f"/imports/{batch.id}/{verb}").status_code == status, verb


def test_the_page_of_rows_asks_no_more_questions_for_more_rows(client, cohort, organiser):
    def questions(size):
        batch = staged(cohort, HEAD + "".join(f"Person{n} F{n},Atlantis,,,\n" for n in range(size)))
        return client.statements(f"/imports/{batch.id}?show=all")

    assert questions(60) == questions(2)


# The command ------------------------------------------------------------------------------------------


def command(app, *args):
    return app.test_cli_runner().invoke(args=["participants", "import", *map(str, args)])


def test_a_dry_run_prints_a_line_of_json_a_row_and_writes_nothing(app, cohort, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Siti,Nepal,,,\nSari,Atlantis,,31/02/88,\n")
    result = command(app, file, "--cohort", cohort.name, "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["row"], line["verdict"]) for line in lines] == [(2, "new"), (3, "wrong")]
    assert "Date of birth: 31 February does not exist. Write it like 28 Feb 1988." in lines[1]["reasons"]
    assert count(ImportBatch) == count(Participant) == 0


def test_a_file_that_cannot_be_read_is_one_sentence_and_status_2(app, cohort, tmp_path):
    file = tmp_path / "people.xlsx"
    file.write_bytes(b"%PDF-1.7")
    result = command(app, file, "--cohort", cohort.name, "--dry-run", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("This is a PDF")
    assert command(app, tmp_path / "none.csv", "--cohort", cohort.name).exit_code == 2
    assert command(app, file, "--cohort", "Nowhere").exit_code == 2


def test_a_file_about_something_else_says_which_columns_are_missing(app, cohort, tmp_path):
    file = tmp_path / "attendance.csv"
    file.write_text("duration_minutes,guest,session\n195,No,1\n")
    result = command(app, file, "--cohort", cohort.name, "--dry-run", "--json")
    assert result.exit_code == 0
    assert "No column is matched to: Name and Country. The file has “duration_minutes”" in result.stderr
    assert [json.loads(line)["verdict"] for line in result.stdout.splitlines()] == ["wrong"]


def test_the_command_imports_what_is_clear_and_prints_the_rest(app, cohort, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Siti,Nepal,,,\nSari,Atlantis,,,\n")
    result = command(app, file, "--cohort", cohort.name, "--yes")
    assert result.exit_code == 0, result.output
    assert "3: wrong." in result.stdout
    assert count(Enrolment) == 1
    assert enrolling.importable() is not None


def test_nul_in_a_workbook_or_a_file_name_is_left_out(app, cohort):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Country"])
        sheet.write_row(1, 0, ["Sita_x0000_", "Nepal"])
    content = re_zipped(file.getvalue(), b"Sita_x005F_x0000_", b"Sita_x0000_")
    batch = actions.upload(cohort, "peo\0ple.xlsx", content, None, NOW)
    actions.read(batch)
    db.session.commit()
    assert batch.file_name == "people.xlsx"
    assert [row.cells for row in rows(batch)] == [["Sita", "Nepal"]]


def re_zipped(content, old, new):
    """The same workbook with other words in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as copy:
        for name in book.namelist():
            copy.writestr(name, book.read(name).replace(old, new))
    return out.getvalue()


def test_a_file_that_breaks_the_import_holds_up_no_other(app, cohort, monkeypatch):
    first = actions.upload(cohort, "first.csv", b"x", None, NOW)
    second = actions.upload(cohort, "second.csv", (HEAD + "Sita,Nepal,,,\n").encode(), None, NOW)
    db.session.commit()
    real = reading.read

    def breaks(content):
        if content == b"x":
            raise ZeroDivisionError
        return real(content)

    monkeypatch.setattr(reading, "read", breaks)
    for _turn in range(2):
        assert work.read_waiting(NOW) == 1
        db.session.commit()
    assert (first.state, second.state) == (ImportState.REFUSED, ImportState.MAPPING)
    assert "broke the import" in first.problem


def test_a_file_that_takes_too_long_is_told_so_and_holds_up_no_other(app, cohort, monkeypatch):
    batch = actions.upload(cohort, "large.csv", (HEAD + "Sita,Nepal,,,\n").encode(), None, NOW)
    db.session.commit()

    def takes_long(_content):
        raise TimeIsUp

    monkeypatch.setattr(reading, "read", takes_long)
    assert work.read_waiting(NOW) == 1
    db.session.commit()
    assert work.read_waiting(NOW) == 0
    assert batch.state is ImportState.REFUSED
    assert "longer than we have" in batch.problem


def test_a_file_names_nobody_whom_its_sender_may_not_see(app, cohort):
    """Else a list of guessed names would show birthdays and addresses of another programme's people."""
    organiser = factories.user((cohort.theme.programme, Role.ORGANISER))
    there = factories.participant("Farida Herati", country="AF", email="farida@example.org")
    factories.enrolment(factories.cohort(), there)
    index(there)
    db.session.commit()
    text = HEAD + "Farida Herati,Afghanistan,,,\nSomeone Else,Nepal,farida@example.org,,\n"
    batch = actions.upload(cohort, "people.csv", text.encode(), organiser, NOW)
    actions.read(batch)
    actions.match_columns(batch, batch.mapping, {"country": "", "dates": ""})
    actions.check(batch, NOW)
    db.session.commit()
    by_name, by_email = rows(batch)
    assert (by_name.verdict, by_name.participant_id) == (Verdict.NEW, None)
    assert (by_email.verdict, by_email.participant_id) == (Verdict.WRONG, None)
    assert "already belongs to someone else" in texts(by_email)[0]
    assert "Farida" not in str(by_email.reasons)


def test_who_was_said_to_be_one_person_is_not_taken_for_another_after_a_new_check(cohort, make):
    """Somebody likelier was added meanwhile: nobody has said that the row is hers."""
    directory("Bishal Copperleafe", country="IN")
    db.session.commit()
    batch = staged(cohort, HEAD + "Bishal Copperleaf,India,,,\nSiti,Atlantis,,,\n")
    bishal, siti = rows(batch)
    actions.decide(batch, bishal.number, Decision.SAME)
    directory("Bishal Copperleaf", country="IN")
    db.session.commit()
    actions.correct(batch, {siti.id: {"country": "Nepal"}}, NOW)
    assert rows(batch)[0].decision is Decision.OPEN


def test_a_decision_outlasts_a_new_check_that_finds_the_same(cohort, make):
    directory("Bishal Copperleafe", country="IN")
    db.session.commit()
    batch = staged(cohort, HEAD + "Bishal Copperleaf,India,,,\nSiti,Atlantis,,,\n")
    bishal, siti = rows(batch)
    actions.decide(batch, bishal.number, Decision.SAME)
    actions.correct(batch, {siti.id: {"country": "Nepal"}}, NOW)
    assert rows(batch)[0].decision is Decision.SAME


def test_why_an_import_stays_names_who_worked_on_its_rows_and_no_one_else(cohort, make):
    batch = staged(cohort, HEAD + "Siti,Nepal,s@example.org,,\nSari,Nepal,,,\n")
    run(batch)
    first = db.session.get_one(Enrolment, rows(batch)[0].enrolment_id)
    plan, other = make.action_plan(first), make.action_plan(make.enrolment(make.cohort()))
    audit.record(plan, "begun", by="Karma")
    audit.record(other, "begun", by="Dorji")
    point = db.session.scalar(sa.select(ContactPoint))
    people.edit_contact(point, "siti@example.net", ContactState.WORKING)
    cohorts.withdraw(first, "ill", NOW)
    db.session.commit()
    plans = [found for found in undoing.blockers(batch) if found.table == "action_plans"]
    assert [(found.number, found.who) for found in plans] == [(2, "Karma")]
    with pytest.raises(undoing.WorkedOn, match=r"^Row 2 has been worked on"):
        undoing.undo(batch, NOW)


def test_an_address_that_was_corrected_since_stays_when_an_import_is_undone(cohort, make):
    known = directory("Bishal Copperleaf", country="NP", email="b@example.org")
    db.session.commit()
    text = "Name,Country,E-mail,Second email\nBishal Copperleaf,Nepal,b@example.org,bishal@exampel.org\n"
    batch = staged(cohort, text)
    run(batch)
    point = db.session.scalar(sa.select(ContactPoint).where(ContactPoint.value == "bishal@exampel.org"))
    people.edit_contact(point, "bishal@example.org", ContactState.WORKING)
    db.session.commit()
    undoing.undo(batch, NOW)
    db.session.commit()
    left = sa.select(ContactPoint.value).where(ContactPoint.participant_id == known.id)
    assert set(db.session.scalars(left)) == {"b@example.org", "bishal@example.org"}


@on_postgresql_alone  # SQLite has one writer at a time
def test_what_is_corrected_while_an_import_completes_a_person_is_not_written_over(cohort):
    """Her birth date comes from the file; at that moment somebody corrects her name in the passport."""
    known = directory("Siti", country="NP", email="s@example.org", passport_name="SITI OLD")
    db.session.commit()
    batch = staged(cohort, HEAD + "Siti,Nepal,s@example.org,1988-02-28,\n")
    engine, number, seen = db.engine, known.id, []
    correction = sa.text("UPDATE participants SET passport_name = 'SITI NEW' WHERE id = :id")

    def correct():
        with engine.begin() as other:
            other.execute(correction, {"id": number})

    def meanwhile(_connection, _cursor, statement, *_rest):
        if "participants.passport_name" in statement and "participants.version" in statement and not seen:
            desk = threading.Thread(target=correct)
            seen.append(desk)
            desk.start()
            desk.join(0.5)

    sa.event.listen(db.engine, "after_cursor_execute", meanwhile)
    try:
        run(batch)
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", meanwhile)
    seen[0].join()
    db.session.expire_all()
    assert (known.passport_name, str(known.born_on)) == ("SITI NEW", "1988-02-28")


@on_postgresql_alone  # SQLite has one writer at a time
def test_two_who_match_the_same_heading_at_once_are_both_remembered(app, cohort):
    first, second = (
        actions.upload(cohort, f"{name}.csv", b"Wakil,Country\nSiti,Nepal\n", None, NOW) for name in "ab"
    )
    for batch in (first, second):
        actions.read(batch)
    db.session.commit()
    number, said, desks = second.id, {"0": "full_name", "1": "country"}, []

    def match():
        with app.app_context():
            actions.match_columns(db.session.get_one(ImportBatch, number), said, {})
            db.session.commit()

    def meanwhile(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO known_headings") and not desks:
            desks.append(threading.Thread(target=match))
            desks[0].start()
            desks[0].join(0.5)

    sa.event.listen(db.engine, "after_cursor_execute", meanwhile)
    try:
        actions.match_columns(first, said, {})
        db.session.commit()
        desks[0].join()
    finally:
        sa.event.remove(db.engine, "after_cursor_execute", meanwhile)
    db.session.expire_all()
    assert [batch.state for batch in (first, second)] == [ImportState.CHECKING] * 2
    assert db.session.scalar(sa.select(KnownHeading.field)) == "full_name"
