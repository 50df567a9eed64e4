"""Mail from templates, in both parts, in the reader's language."""

import jinja2
import pytest

from trainingapp.outbox.letters.rendering import render_email

TEMPLATES = {
    "try/hello.subject.txt": "Hello\n {{ name }}\n",
    "try/hello.txt": "{% extends 'outbox/emails/_layout.txt' %}{% block body %}Dear {{ name }},\n\n{{ url }}"
    "{% endblock %}{% block why %}Because.{% endblock %}",
    "try/hello.html": "{% extends 'outbox/emails/_layout.html' %}"
    "{% import 'outbox/emails/_parts.html' as mail %}"
    "{% block body %}<p>Dear {{ name }}</p>{{ mail.button('Go', url) }}{% endblock %}"
    "{% block why %}Because.{% endblock %}",
}


@pytest.fixture
def write(app, monkeypatch):
    loaders = [jinja2.DictLoader(TEMPLATES), app.jinja_env.loader]
    monkeypatch.setattr(app.jinja_env, "loader", jinja2.ChoiceLoader(loaders))

    def render(language="en", **facts):
        values = {"name": "Sita", "url": "https://example.org/r/abc", **facts}
        return render_email("try/hello", language, **values)

    return render


def test_a_name_cannot_write_headers_or_html(write):
    message = write(name="<b>Sita</b>\r\nBcc: all@example.org")
    assert message.subject == "Hello <b>Sita</b> Bcc: all@example.org"
    assert "&lt;b&gt;Sita" in message.html
    assert "<b>Sita</b>" in message.text


def test_styles_are_on_the_elements_and_night_colours_stay(write):
    html = write().html
    assert 'class="body" align="left" style="' in html
    assert "prefers-color-scheme: dark" in html
    assert html.count("<style") == 1
    assert len(html.encode()) < 102_000 / 4  # Gmail clips at 102 KB


def test_there_is_one_button_and_its_bare_address(write):
    message = write()
    assert message.html.count('href="https://example.org/r/abc"') == 2
    assert ">https://example.org/r/abc</a>" in message.html
    assert "https://example.org/r/abc" in message.text


def test_the_way_out_stands_in_both_parts_or_in_none(write):
    message = write(unsubscribe_url="https://example.org/stop")
    assert "https://example.org/stop" in message.html
    assert "https://example.org/stop" in message.text
    assert "Stop these emails" not in write().html
    assert "To stop" not in write().text


def test_right_to_left_is_said(write):
    assert '<html lang="fa-AF" dir="rtl" ' in write("fa_AF").html
    assert '<html lang="fa-AF" dir="rtl" ' in write("fa-AF").html
