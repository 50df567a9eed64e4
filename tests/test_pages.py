"""What holds for every page and every template."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
OURS = [path for path in TEMPLATES if "local" not in path.parts]  # the local mailbox speaks English only
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and not path.name.startswith("_")]


def source_of_everything() -> str:
    code = [path.read_text() for path in (ROOT / "trainingapp").rglob("*.py")]
    return "\n".join([*code, *(path.read_text() for path in TEMPLATES)])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_parses(on_sqlite, path):
    on_sqlite.app.jinja_env.parse(path.read_text())


def test_every_template_is_used():
    everything = source_of_everything()
    named_by_pattern = re.compile(r"emails/|responses/questions/_|feedback/charts/_|reports/pieces/_")
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


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_form_that_posts_carries_the_token(path):
    """The local mailbox left out: nobody signs in there."""
    text = path.read_text()
    for name, fields in re.findall(r"{% macro (\w+)\(\) %}(.*?){% endmacro %}", text):
        text = text.replace(f"{{{{ {name}() }}}}", fields)
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        one_click = "unsubscribe" in str(path)
        assert "csrf" in form or "hidden_tag" in form or one_click, form[:120]


NAMES = {"Lanjut", "PDF", "DOCX", "SHA", "UTC"}  # the same in every language


def words_outside_of_gettext(source):
    """Text between tags, and in the attributes that are read aloud, that no expression produced."""
    keys = r"{%-? *block (?:place|tab) *-?%}.*?{%-? *endblock *-?%}"
    fixed = re.sub(rf"{keys}|{{#.*?#}}|{{%.*?%}}|{{{{.*?}}}}", "", source, flags=re.DOTALL)
    spoken = re.findall(r"\s(?:aria-label|placeholder|title|alt)=\"([^\"]*)\"", fixed)
    text = re.sub(r"<style.*?</style>|<title>.*?</title>|<[^>]*>|&\w+;", " ", fixed, flags=re.DOTALL)
    return [word for word in re.findall(r"[A-Za-z]{3,}", " ".join([text, *spoken])) if word not in NAMES]


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_words_on_pages_go_through_gettext(path):
    assert words_outside_of_gettext(path.read_text()) == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_table_says_what_it_holds(path):
    """By a caption, or by the heading above it. Tables of a mail are layout."""
    if "emails" not in path.parts:
        tables = re.findall(r"<table\b.*?(?:<tbody|</table)", path.read_text(), re.DOTALL)
        assert [one[:120] for one in tables if "<caption" not in one and "aria-label" not in one] == []


def test_a_class_means_one_thing():
    """Two parts that give their own class the same name undo each other's page."""
    css = (ROOT / "static" / "app.css").read_text()
    blocks = re.findall(r"^@layer (\w+)|^  (\.[\w-]+) {", css, re.MULTILINE)
    opened, layer = Counter(), ""
    for begun, name in blocks:
        layer = begun or layer
        opened[layer, name] += bool(name)
    assert [name for name, often in opened.items() if often > 1] == []


def test_no_form_stands_inside_another():
    """A browser ends the outer one at the inner one's end, and its buttons send nothing."""
    within = re.compile(r"<form\b|</form>|\b(?:downloads|files|post_button)\(")
    inside = []
    for path in TEMPLATES:
        is_open = False
        for found in within.findall(path.read_text(encoding="utf-8")):
            if found != "</form>" and is_open:
                inside.append(f"{path.name}: {found}")
            is_open = found != "</form>" and (is_open or found == "<form")
    assert inside == []


def test_every_icon_that_is_named_is_drawn_and_each_place_of_the_rail_has_its_own():
    drawn = set(re.findall(r"^  '([a-z-]+)': *'", (ROOT / "templates/_ui.html").read_text(), re.MULTILINE))
    named = set(re.findall(r"icon\('([a-z-]+)'", source_of_everything()))
    rail = re.findall(r'\("[a-z]+", _\("[^"]+"\), "([a-z-]+)", "', source_of_everything())
    assert rail
    assert (named | set(rail)) - drawn == set()
    assert [icon for icon, times in Counter(rail).items() if times > 1] == []


class Direct(HTMLParser):
    """How many elements stand directly in each `.split`: its columns are the children of the only one."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        if tag in {"input", "img", "br", "path", "circle", "rect", "line"}:
            return
        if self.open and self.open[-1] is not None:
            self.open[-1] += 1
        self.open.append(0 if dict(attrs).get("class") == "split" else None)

    def handle_endtag(self, _tag):
        if self.open and (inside := self.open.pop()) is not None:
            self.found.append(inside)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_helps_stands_beside_the_work_not_below(path):
    text = path.read_text()
    if 'class="split"' in text:
        direct = Direct()
        direct.feed(
            re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", text[text.index('<div class="split">') :], flags=re.DOTALL)
        )
        assert direct.found
        assert set(direct.found) == {1}


def test_a_name_of_one_long_word_breaks_before_its_table_does(on_sqlite, chromium):
    with on_sqlite.app.test_request_context():
        ui = on_sqlite.app.jinja_env.get_template("_ui.html").module
        name = ui.person({"full_name": "Konstantinopolitanischerdudelsackpfeifenmachergesellenfrauen"})
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    row = f'<tr><th scope="row">{name}</th><td>1 Dec 2026</td></tr>'
    table = f'<div class="table-box"><table class="table">{row}</table></div>'
    page.set_content(f'<main class="page"><div class="spread"><h1>{name}</h1></div>{table}</main>')
    for sheet in ("tokens.css", "app.css"):
        page.add_style_tag(path=ROOT / "static" / sheet)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= 390
