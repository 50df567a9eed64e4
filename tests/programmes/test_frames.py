"""Reference frames: loaded from a file, offered by date, named for ever."""

from datetime import date

import pytest

from trainingapp.db import db
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import FrameItem, FrameKind

ONE = """
[[frame]]
key = "north"
kind = "goals"
name = "Plan of the North"
valid_from = 2026-01-01
source = "A meeting"
items = [{ code = "N-1", text = "More light" }, { code = "N-10", text = "Less snow" }]
"""


def offered(kind, year):
    return [offer.frame.key for offer in frames.offered(kind, date(year, 7, 1))]


def codes(offer):
    return [frames.code_of(offer.frame, item) for _heading, items in offer.groups for item in items]


@pytest.mark.parametrize(
    ("year", "keys"),
    [
        (2014, ["ipoa"]),
        (2019, ["ipoa", "sap-smed"]),
        (2021, ["ipoa", "sap-smed"]),
        (2022, ["sap-smed", "dpoa"]),
        (2026, ["dpoa"]),
    ],
)
def test_an_edition_is_offered_the_frames_of_its_year(app, make, year, keys):
    frames.ship(make.NOW)
    assert offered(FrameKind.GOALS, year) == keys


def test_codes_are_texts_and_the_frame_stands_before_its_own(app, make):
    frames.ship(make.NOW)
    (sdg,) = frames.offered(FrameKind.SDG, date(2019, 7, 1))
    assert {"9.3", "9.b", "8.10", "17.11"} <= set(codes(sdg))
    assert "sap-smed:B-2" in codes(frames.offered(FrameKind.GOALS, date(2019, 7, 1))[1])
    assert all(frames.texts()[code] for code in codes(sdg))


def test_what_came_with_the_product_is_loaded_once(app, make):
    frames.ship(make.NOW)
    before = db.session.query(FrameItem).count()
    frames.ship(make.NOW)
    assert db.session.query(FrameItem).count() == before


def test_a_newer_file_changes_a_frame_and_old_codes_keep_their_words(app, make):
    frames.load(ONE, make.NOW)
    newer = ONE.replace("More light", "Still more light").replace(
        ', { code = "N-10", text = "Less snow" }', ""
    )
    frames.load(newer, make.NOW)
    (offer,) = frames.offered(FrameKind.GOALS, date(2030, 1, 1))
    assert codes(offer) == ["north:N-1"]
    assert frames.texts() == {"north:N-1": "Still more light", "north:N-10": "Less snow"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[frame]]", "[[frame", "not a TOML file"),
        ("[[frame]]", "[[other]]", "no [[frame]]"),
        ('key = "north"', "", "“key” is missing"),
        ("2026-01-01", '"soon"', "“valid_from” is missing or cannot be read"),
        ('kind = "goals"', 'kind = "wishes"', "kind or its last day"),
        ("N-10", "N-1", "N-1 stands there twice"),
        ("N-10", "N 10", "a code without spaces"),
        ('text = "Less snow"', "text = 3", "a short text"),
        ("Less snow", "Less snow " * 40, "a short text"),
        ('text = "Less snow"', 'text = "Less snow", heading = ["Snow"]', "a short text"),
        ('"north"', f'"{"north" * 20}"', "its key or its name is too long"),
        ('"north"', f'"north"\nfollows = "{"south" * 20}"', "its key or its name is too long"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_changes_nothing(app, make, old, new, said):
    with pytest.raises(frames.FramesUnreadable, match=said.replace("[", r"\[")):
        frames.load(ONE.replace(old, new, 1), make.NOW)
    assert frames.texts() == {}


def test_the_command_loads_a_file_and_refuses_another_with_a_sentence(app, tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ONE)
    bad.write_text(ONE.replace("source", "sauce"))
    run = app.test_cli_runner().invoke
    said = run(args=["programmes", "load-frames", str(good)])
    assert (said.exit_code, said.output) == (0, "north\t2026-01-01 to no end\tPlan of the North\n")
    said = run(args=["programmes", "load-frames", str(bad)])
    assert said.exit_code == 1
    assert "Frame 1: “source” is missing" in said.output
    assert run(args=["programmes", "load-frames"]).exit_code == 0
