"""What every mail of the product keeps to, whoever wrote its words: it reads well in any mail program."""

import re
from html.parser import HTMLParser

import pytest
from mails import LANGUAGES, LONG, of_every_kind, render

MOST_BYTES = 20_000  # Gmail cuts at 102 KB
STYLE_BYTES = 8_192  # Gmail drops a longer style block whole
NIGHT = re.compile(r"@media \(prefers-color-scheme: dark\)")
# What Word, which draws Outlook's mails, does not know: nothing may stand or fall with it.
NOT_IN_WORD = (
    "flex",
    "grid",
    "float",
    "position:",
    "background-image",
    "url(",
    "calc(",
    "var(",
    "inline-start",
)


class Seen(HTMLParser):
    """Tags with their attributes, text by the tag around it, and what is open."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "img", "link"}:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and self.open and self.open[-1][0] != "style":
            self.texts.append((data.strip(), [*self.open]))


@pytest.fixture(params=LANGUAGES)
def letters(app, request):
    """(tone, row, message, what its HTML holds) of every kind, in one language."""
    rows = of_every_kind(request.param)
    rendered = [(tone, row, render(row)) for tone, row in rows.items()]
    return [(tone, row, message, Seen(message.html)) for tone, row, message in rendered]


def test_nothing_is_loaded_run_or_submitted(letters):
    for tone, _row, message, seen in letters:
        names = {tag for tag, _attrs in seen.tags}
        assert not names & {"script", "form", "input", "iframe", "img", "link", "video", "object", "svg"}, (
            tone
        )
        assert not re.search(r"(src|srcset|background)=", message.html), tone
        assert "@import" not in message.html, tone
        assert "@font-face" not in message.html, tone
        assert not [name for _tag, attrs in seen.tags for name in attrs if name.startswith("on")], tone


def test_no_provider_cuts_it_or_drops_its_styles(letters):
    for tone, _row, message, _seen in letters:
        assert len(message.html.encode()) < MOST_BYTES, (tone, len(message.html.encode()))
        styles = re.findall(r"<style[^>]*>(.*?)</style>", message.html, re.DOTALL)
        assert len(styles) == 1, tone
        assert len(styles[0]) < STYLE_BYTES, tone


def test_the_layout_is_tables_that_word_can_draw(letters):
    for tone, _row, message, seen in letters:
        for tag, attrs in seen.tags:
            if tag == "table":
                assert attrs["role"] == "presentation", tone
                assert attrs["cellpadding"] == attrs["cellspacing"] == attrs["border"] == "0", tone
            if "btn" in attrs.get("class", "").split():
                assert "mso-padding-alt" in attrs["style"], tone
                assert attrs["bgcolor"], tone
            style = attrs.get("style", "")
            assert not [word for word in NOT_IN_WORD if word in style], (tone, style)
            heights = re.findall(r"line-height: ([^;]+)", style)
            assert all(height.endswith("px") for height in heights), (tone, style)
        assert '<!--[if mso]><table role="presentation" width="560"' in message.html, tone
        assert message.html.count("<!--[if mso]>") == message.html.count("<![endif]-->") == 3, tone


def test_it_says_its_language_direction_title_and_heading(letters):
    for tone, row, message, seen in letters:
        language = row.language.replace("_", "-")
        direction = "rtl" if language == "fa-AF" else "ltr"
        page = dict(seen.tags)["html"]
        assert (page["lang"], page["dir"]) == (language, direction), tone
        assert [attrs["dir"] for tag, attrs in seen.tags if attrs.get("class") == "sheet"] == [direction], (
            tone
        )
        sides = {
            attrs["align"] for tag, attrs in seen.tags if attrs.get("class") in {"body", "foot", "whence"}
        }
        assert sides == {"right" if direction == "rtl" else "left"}, tone
        headings = [tag for tag, _attrs in seen.tags if re.fullmatch(r"h\d", tag)]
        assert headings in (["h1"], ["h1", "h2"]), (tone, headings)
        assert [text for text, around in seen.texts if around[-1][0] == "title"] == [message.subject], tone
        assert dict(seen.tags)["title"] is not None, tone
        names = {attrs.get("name") for tag, attrs in seen.tags if tag == "meta"}
        assert {"viewport", "color-scheme", "supported-color-schemes"} <= names, tone


def test_each_link_says_where_it_goes_and_stands_in_the_text_too(letters):
    for tone, row, message, seen in letters:
        links = [attrs["href"] for tag, attrs in seen.tags if tag == "a"]
        assert all(link.startswith("http://localhost/") for link in links), tone
        said = [text for text, around in seen.texts if around[-1][0] == "a"]
        assert len(said) == len(links), tone
        assert not {text.lower() for text in said} & {"here", "click here", "link", "more", "hier", "ici"}, (
            tone
        )
        missing = {link for link in links if link not in message.text}
        assert not missing, (tone, missing)
        primary = [attrs for tag, attrs in seen.tags if attrs.get("class") == "btn"]
        assert len(primary) == 1, tone
        assert (row.topic == "account") == (message.unsubscribe_url is None), tone


def test_the_inbox_shows_a_line_of_its_own(letters):
    for tone, _row, message, seen in letters:
        hidden = [text for text, around in seen.texts if around[-1][1].get("class") == "hidden"]
        assert len(hidden) == 1, tone
        words = hidden[0].split("\u2007")[0].strip()
        assert 20 <= len(words) <= 160, (tone, words)
        assert words not in message.subject, tone


def test_the_text_stands_alone(letters):
    for tone, _row, message, _seen in letters:
        assert "<" not in message.text, tone
        assert "&#" not in message.text, tone
        assert not re.search(r"\bNone\b(?! of)", message.text), tone
        assert "\n\n\n" not in message.text, (tone, message.text)
        assert not [line for line in message.text.splitlines() if line != line.rstrip() and line != "-- "], (
            tone
        )
        assert "\n-- \n" in message.text, tone


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_word_can_be_read_by_day(letters):
    for tone, _row, _message, seen in letters:
        for text, around in seen.texts:
            styles = [attrs.get("style", "") for _tag, attrs in around]
            ink = next((found[-1] for style in reversed(styles) if (found := colours("color", style))), None)
            paper = next(
                (found[-1] for style in reversed(styles) if (found := colours("background-color", style))),
                None,
            )
            if ink and paper:
                assert contrast(ink, paper) >= 4.5, (tone, text, ink, paper)


def colours(name, style):
    return re.findall(rf"(?:^|;\s*){name}: (#[0-9a-f]{{6}})", style)


def test_every_word_can_be_read_at_night(letters):
    sheet, paper, button = "#15181e", "#0f1115", "#a3b6f5"
    for tone, _row, message, _seen in letters:
        night = message.html[NIGHT.search(message.html).end() :].split("@media")[0]
        assert sheet in night, tone
        for ink in set(re.findall(r"[{ ]color: (#[0-9a-f]{6})", night)) - {"#0f1115"}:
            assert min(contrast(ink, sheet), contrast(ink, paper)) >= 4.5, (tone, ink)
        assert contrast("#0f1115", button) >= 4.5


def test_a_name_of_sixty_letters_and_markup_in_it_harm_nothing(app):
    for name in (LONG, "Sita <b>& “Palpa”"):
        for tone, row in of_every_kind("en", name).items():
            message = render(row)
            assert "<b>&" not in message.html, tone
            if tone != "account invite":
                assert name in f"{message.text} {message.subject}", tone
