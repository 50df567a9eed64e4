"""The page for donors: what viewers and strangers see, and above all what they never see."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from clients import counting
from impact_rows import DAY, THEN, fed, frame_indicator, tell
from lxml import etree

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.datasets import actions as datasets
from trainingapp.datasets.models import Release
from trainingapp.db import db
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati.models import IatiDetails
from trainingapp.impact.publication import actions as publishing
from trainingapp.impact.publication.models import Publication
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes import actions as programmes
from trainingapp.programmes.models import Role

LATER = datetime(2024, 7, 2, 9, tzinfo=UTC)
COUNTRIES = ("NP", "NP", "NP", "NP", "NP", "NP", "LA", "LA", "LA", "BT", "BT")


@pytest.fixture
def programme(make):
    """One edition that is published, of eleven people with an indicator; and one that nobody may see."""
    programme = make.programme(name="Small industry", short_name="SI", description="Ten days in Java.")
    shown = make.cohort(
        make.theme(programme, year=2023, title="Cloth"),
        name="Told",
        starts_on=date(2023, 7, 3),
        ends_on=date(2023, 7, 14),
    )
    hidden = make.cohort(
        make.theme(programme, year=2024, title="Unheard of"),
        name="Not told",
        starts_on=date(2024, 7, 1),
        ends_on=date(2024, 7, 12),
    )
    indicator = frame_indicator(make)
    for country in COUNTRIES:
        _plan, counted = fed(make, indicator, shown, country=country)
        tell(_plan, counted, 3)
    for _number in range(37):
        make.enrolment(hidden, country="KE", state=EnrolmentState.COMPLETED, enrolled_at=THEN)
    promised = {"written_at": THEN, "did": {"en": "Visits take a morning."}, "state": PromiseState.KEPT}
    make.add(Promise(cohort_id=shown.id, said={"en": "Too short."}, shown_at=THEN, **promised))
    make.add(Promise(cohort_id=shown.id, said={"en": "Kept among us."}, **promised))
    scope = Scope(programme.id, DAY, 2023, 2023)
    publishing.publish(programme, "The first edition", scope, EvidenceLevel.CLAIMED, make.user(), LATER)
    datasets.make(programme, "CC0-1.0", 5, make.user(), LATER)
    db.session.commit()
    return programme


@pytest.fixture
def office(app):
    """Another browser than the one that looks."""
    return app.test_client()


def opened(office, make, programme, **choices):
    organiser = make.user((programme, Role.ORGANISER))
    db.session.commit()
    office.sign_in(organiser)
    page = f"/impact/programmes/{programme.id}/public"
    assert office.post(page, data={"is_open": "y"} | choices).status_code == 303


@pytest.fixture
def register(client, office, make, programme):
    """How a register of development co-operation asks for the file, now and later."""
    facts = {"organisation_ref": "XM-EX-1", "organisation_name": "Office for Weavers"}
    iati_details.save(programme, None, facts, {}, {}, LATER)
    opened(office, make, programme)

    def ask(after=timedelta(), **headers):
        with time_machine.travel(datetime.now(UTC) + after):
            return client.get(f"/impact/public/{programme.slug}/iati.xml", headers=headers)

    return ask


def dates(answer):
    root = etree.fromstring(answer.data)
    updated = {one.get("last-updated-datetime") for one in root.findall("iati-activity")}
    return root.get("generated-datetime"), *updated


def test_a_corrected_name_gives_the_activity_file_a_new_date(app, programme, register):
    generated, updated = dates(register())
    later, same = dates(register(timedelta(hours=1)))
    assert (same, later > generated) == (updated, True)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        programmes.edit_programme(programme, name="Small industries")
        db.session.commit()
    answer = register(timedelta(hours=3))
    assert "Small industries" in answer.text
    assert dates(answer)[1] > updated


def test_a_register_that_has_the_activity_file_is_told_so_without_working_it_out(app, programme, register):
    first = register()
    asked = {"If-None-Match": first.headers["ETag"]}
    with counting() as all_of_it:
        register()
    with counting() as little:
        assert register(**asked).status_code == 304
    assert len(little) < len(all_of_it) / 2
    programmes.edit_programme(programme, name="Small industries")
    db.session.commit()
    assert "Small industries" in register(**asked).text


def test_an_activity_file_that_the_standard_refuses_is_held_back_with_a_sentence(programme, register):
    db.session.scalars(sa.select(IatiDetails)).one().sector = "x"
    db.session.commit()
    answer = register()
    assert answer.status_code == 404
    assert "does not follow the IATI standard" in answer.text


def walk(client, begin):
    """Every page and file that can be reached from one, as text, and the addresses that refused."""
    queue, seen, texts, refused = [begin], {begin}, {}, []
    while queue:
        address = queue.pop()
        answer = client.get(address)
        if answer.status_code != 200:
            refused.append(address)
            continue
        texts[address] = answer.data.decode(errors="replace")
        if "html" not in answer.content_type:
            continue
        for link in re.findall(r'href="(/[^"#]*)', unescape(texts[address])):
            if link not in seen and not link.startswith("/static/"):
                seen.add(link)
                queue.append(link)
    return texts, refused


def leaks(texts):
    """What of the unpublished edition, or of a small group, is written anywhere. 37 and 48 are people."""
    secret = (r"Unheard of", r"Not told", r"Kept among us", r">\s*37\b", r"\b48\b", r"\bKenya\b", r",37\b")
    return [(address, word) for address, text in texts.items() for word in secret if re.search(word, text)]


def test_without_an_account_nothing_shows_until_an_organiser_opens_the_page(client, office, make, programme):
    address = f"/impact/public/{programme.slug}"
    for tried in (address, "/impact/public/no-such-programme"):
        answer = client.get(tried)
        assert answer.status_code == 302
        assert "/accounts/sign-in" in answer.location
    opened(office, make, programme)
    assert "The first edition" in client.get(address).text
    verbs = db.session.scalars(sa.select(AuditEntry.verb).where(AuditEntry.subject == "programmes")).all()
    assert verbs == ["opened to all"]


def test_a_stranger_walks_every_page_and_file_and_finds_nothing_unpublished(client, office, make, programme):
    opened(office, make, programme)
    texts, refused = walk(client, f"/impact/public/{programme.slug}")
    assert all("public" not in address for address in refused)
    texts = {address: text for address, text in texts.items() if "/impact/public/" in address}
    assert len(texts) == 7  # the page, and three tables in two forms
    assert leaks(texts) == []
    assert "Visits take a morning." in texts[f"/impact/public/{programme.slug}"]
    countries = next(text for address, text in texts.items() if address.endswith("countries.csv"))
    assert {"NP,Nepal,6", "BT,Bhutan,"} <= set(countries.replace("\r", "").split("\n"))
    assert "Version 1" not in "".join(texts.values())


def test_a_viewer_sees_what_a_stranger_sees(client, make, programme):
    viewer = make.user((programme, Role.VIEWER))
    db.session.commit()
    client.sign_in(viewer)
    address = f"/impact/public/{programme.slug}"
    texts, _refused = walk(client, address)
    assert leaks({place: text for place, text in texts.items() if "/public/" in place}) == []
    assert client.get(address).headers["Cache-Control"] == "no-store"
    elsewhere = make.user((make.programme(), Role.VIEWER))
    db.session.commit()
    client.sign_in(elsewhere)
    assert client.get(address).status_code == 404


def test_what_is_withdrawn_is_gone_at_once_everywhere(client, office, make, programme):
    release = db.session.scalars(sa.select(Release)).one()
    datasets.publish(release, LATER)
    opened(office, make, programme)
    address = f"/impact/public/{programme.slug}"
    publication = db.session.scalars(sa.select(Publication)).one()
    figures, package = f"{address}/figures/{publication.id}", f"{address}/data/{release.number}"
    addresses = [figures, f"{figures}/countries.csv", package, f"{package}.zip"]
    assert [client.get(one).status_code for one in addresses] == [200] * 4
    before = client.get(address)
    assert before.headers["Cache-Control"] == "public, no-cache"
    assert client.get(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    publishing.withdraw(publication, THEN)
    datasets.withdraw(release, THEN)
    db.session.commit()
    assert [client.get(one).status_code for one in addresses] == [404] * 4
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "No figures are published yet" in after.text
    assert "Set-Cookie" not in after.headers


def test_a_page_that_was_closed_says_so(client, office, make, programme):
    opened(office, make, programme, may_be_found="y")
    address = f"/impact/public/{programme.slug}"
    assert "X-Robots-Tag" not in client.get(address).headers
    assert 'name="robots"' not in client.get(address).text
    office.post(f"/impact/programmes/{programme.id}/public", data={"may_be_found": "y"})
    answer = client.get(address)
    assert answer.status_code == 410
    assert "The organisers have closed this page" in answer.text
    opened(office, make, programme)
    assert client.get(address).headers["X-Robots-Tag"] == "noindex"


def test_only_who_may_open_a_page_opens_it(client, make, programme):
    for role, status in ((Role.VIEWER, 403), (Role.COORDINATOR, 403), (Role.ORGANISER, 200)):
        user = make.user((programme, role))
        db.session.commit()
        client.sign_in(user)
        assert client.get(f"/impact/programmes/{programme.id}/public").status_code == status


def test_a_programme_without_anything_has_a_page_all_the_same(client, office, make):
    programme = make.programme()
    opened(office, make, programme)
    assert "No figures are published yet" in client.get(f"/impact/public/{programme.slug}").text


def test_the_page_asks_as_much_for_many_promises_as_for_few(client, office, make, programme):
    opened(office, make, programme)
    address = f"/impact/public/{programme.slug}"
    client.get(address)
    with counting() as few:
        client.get(address)
    cohort_id = db.session.scalar(sa.select(sa.func.min(Promise.cohort_id)))
    for number in range(30):
        texts = {"said": {"en": f"Said {number}"}, "did": {"en": "Done"}}
        make.add(Promise(cohort_id=cohort_id, shown_at=THEN, written_at=THEN, **texts))
    db.session.commit()
    with counting() as many:
        client.get(address)
    assert len(many) == len(few)
