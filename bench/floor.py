"""The floor: a bare Flask view with one indexed SELECT and a small template, served as the product is."""

import os
import sqlite3

from flask import Flask, render_template
from jinja2 import DictLoader

PAGE = """<!doctype html><title>{{ name }}</title><h1>{{ name }}</h1>
<ul>{% for n in range(20) %}<li>{{ n }}{% endfor %}</ul>"""
ROWS = 1000


def create_app() -> Flask:
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"person.html": PAGE})
    connection = sqlite3.connect(os.environ["FLOOR_DATABASE"], check_same_thread=False)

    @app.get("/<int:number>")
    def person(number: int) -> str:
        found = connection.execute("SELECT name FROM person WHERE id = ?", (number,)).fetchone()
        return render_template("person.html", name=found[0])

    return app


def fill(path: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany(
            "INSERT INTO person (name) VALUES (?)", [(f"Person {n}",) for n in range(ROWS)]
        )
