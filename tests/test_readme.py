"""The README against what there is."""

import re
from pathlib import Path

import pytest
from databases import on_sqlite_alone

from trainingapp import cli

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_picture_is_shown_in_the_readers_light():
    shown = re.findall(
        r'<picture><source media="\(prefers-color-scheme: dark\)" srcset="(\S+)-dark\.png">'
        r'<img src="(\S+)-light\.png" alt="[^"]+"></picture>',
        README,
    )
    assert all(dark == light for dark, light in shown)
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "pictures").iterdir()}
    assert {f"{name}-{light}.png" for name, _ in shown for light in ("light", "dark")} == there


@on_sqlite_alone  # it is asked nothing
def test_every_group_of_commands_is_told_of(app):
    told = README.split("## Running it for real")[1].split("\n## ")[0]
    rows = set(re.findall(r"^\| `([\w-]+)` \|", told, re.MULTILINE))
    elsewhere = {"demo", "db", "first-run"}  # of make run, and of the recipe above the list
    added = {"limiter"}  # Flask-Limiter's own, once somebody asked for the list
    assert rows == {*cli.commands.commands, *app.cli.commands} - elsewhere - added


def heads(text):
    """What a link may name inside a page, as GitHub writes it."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", ["README.md", "docs/running.md", "docs/figures.md"])
def test_every_link_leads_somewhere(page):
    text = (ROOT / page).read_text()
    for path, head in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.is_file(), path
        assert not head or head in heads(there.read_text()), head
