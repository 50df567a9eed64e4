"""The floor: a bare Flask view with one indexed SELECT and a small template, on the same database, served
as the product is. What Flask, SQLAlchemy and Jinja cost before anything of ours runs."""

import os

import sqlalchemy as sa
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PAGE = """<!doctype html><title>{{ person.name }}</title><h1>{{ person.name }}</h1>
<ul>{% for n in range(20) %}<li>{{ n }}{% endfor %}</ul>"""
ROWS = 1000


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Person(Base):
    __tablename__ = "people_of_the_floor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    app.jinja_loader = DictLoader({"person.html": PAGE})
    db.init_app(app)

    @app.get("/<int:number>")
    def person(number: int) -> str:
        found = db.session.scalar(sa.select(Person).where(Person.id == number))
        return render_template("person.html", person=found)

    return app


def fill(url: str) -> None:
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    rows = [{"name": f"Person {number}"} for number in range(ROWS)]
    with engine.begin() as connection:
        connection.execute(sa.insert(Person), rows)
    engine.dispose()
