"""Lanjut: international training programmes, and what happens after them."""

import gc
import os

from flask import Flask
from flask_migrate import Migrate

from trainingapp import access, config, health, labels, navigation, web
from trainingapp.accounts import sessions
from trainingapp.accounts import views as accounts
from trainingapp.archives import views as archives
from trainingapp.cases import views as cases
from trainingapp.cohorts import views as cohorts
from trainingapp.config import ROOT, Config
from trainingapp.datasets import views as datasets
from trainingapp.db import db, prepare
from trainingapp.feedback import views as feedback
from trainingapp.followups import views as followups
from trainingapp.impact import views as impact
from trainingapp.imports import views as imports
from trainingapp.inbound import views as inbound
from trainingapp.numbers import Number
from trainingapp.outbox import views as outbox
from trainingapp.participants import views as participants
from trainingapp.plans import views as plans
from trainingapp.programmes import views as programmes
from trainingapp.replies import views as replies
from trainingapp.reports import views as reports
from trainingapp.responses import views as responses
from trainingapp.submissions import views as submissions
from trainingapp.surveys import views as surveys
from trainingapp.visits import views as visits
from trainingapp.voices import views as voices

# In menu order; accounts, outbox and health have no place in the menu.
PACKAGES = (
    programmes,
    cohorts,
    imports,
    participants,
    visits,
    plans,
    cases,
    surveys,
    followups,
    responses,
    voices,
    replies,
    archives,
    feedback,
    impact,
    reports,
    submissions,
    datasets,
    accounts,
    outbox,
    inbound,
    health,
)


def create_app(settings: Config | None = None) -> Flask:
    """Reads the environment unless settings are given. Raises ConfigError."""
    settings = settings or config.load(os.environ)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},
        DEMO=settings.demo,
        BASE_URL=settings.base_url,
        MAX_CONTENT_LENGTH=20 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # a page may lie open over lunch; the session has its own end
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which a personal page tells browsers not to send
        **sessions.cookie_settings(settings.is_https),
    )
    app.url_map.converters["int"] = Number
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    sessions.login_manager.init_app(app)
    web.settle(app, settings)
    for package in PACKAGES:
        app.register_blueprint(package.bp)
    labels.settle(app)
    navigation.settle(app)
    with app.app_context():
        prepare(db.engine, settings.synchronous)
    access.enforce(app)
    gc.freeze()  # what is loaded stays: nobody looks through it for garbage, and forked workers share it
    return app
