"""What holds for every page and every template."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and not path.name.startswith("_")]


def source_of_everything() -> str:
    code = [path.read_text() for path in (ROOT / "trainingapp").rglob("*.py")]
    return "\n".join([*code, *(path.read_text() for path in TEMPLATES)])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_parses(app, path):
    app.jinja_env.parse(path.read_text())


def test_every_template_is_used():
    everything = source_of_everything()
    named_by_pattern = re.compile(r"emails/|responses/questions/_|feedback/charts/_")
    unused = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        if not named_by_pattern.search(name) and name not in everything:
            unused.append(name)
    assert unused == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_styles_or_scripts_inline(path):
    text = path.read_text()
    if "emails" not in path.parts:
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|<style|<script>", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_form_that_posts_carries_the_token(path):
    text = path.read_text()
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        one_click = "unsubscribe" in str(path)
        assert "csrf" in form or "hidden_tag" in form or one_click, form[:120]


def test_the_words_on_pages_go_through_gettext(app):
    """A template's own text between tags is a word someone reads, so it must be translatable."""
    bare = []
    for path in TEMPLATES:
        if path.suffix != ".html" or "local" in path.parts:
            continue
        for data in app.jinja_env.parse(path.read_text()).find_all(nodes.TemplateData):
            text = re.sub(
                r"<[^>]*>?|[^<]*>", " ", re.sub(r"<(style|title)[^>]*>.*?</\1>", " ", data.data, flags=re.S)
            )
            words = [
                word for word in re.findall(r"[A-Za-z]{3,}", re.sub(r"&\w+;", " ", text)) if word != "Lanjut"
            ]
            if words:
                bare.append(f"{path.relative_to(ROOT)}: {' '.join(words)[:60]}")
    assert bare == []
