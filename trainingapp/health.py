"""Is it alive, and can it do its work? For probes: plain JSON, no cookie, no versions."""

from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.outbox import queries
from trainingapp.web import talisman

bp = Blueprint("health", __name__)

# Beat rings every few seconds and a worker signs every fifteen: older than this, mail waits.
LATE_SECONDS = 60
PATIENCE_SECONDS = 2


@bp.get("/healthz")
@talisman(force_https=False)  # probes ask from inside, past the proxy
@public
def alive() -> ResponseReturnValue:
    """The process answers and so does its database."""
    is_there = _database_answers()
    return jsonify(database=is_there), 200 if is_there else 503


@bp.get("/readyz")
@talisman(force_https=False)
@public
def ready() -> ResponseReturnValue:
    """The broker and the workers too. The web itself needs neither: what they should do waits in rows."""
    facts: dict[str, object] = {"database": _database_answers(), "broker": _broker_answers()}
    if facts["database"]:
        facts["worker_seconds"] = _age(queries.last_beat_at())
        facts["tick_seconds"] = _age(queries.last_tick_at())
    ages = [facts.get("worker_seconds"), facts.get("tick_seconds")]
    is_ready = bool(
        facts["database"] and facts["broker"] and all(isinstance(a, int) and a < LATE_SECONDS for a in ages)
    )
    return jsonify(ready=is_ready, **facts), 200 if is_ready else 503


def _database_answers() -> bool:
    try:
        return db.session.scalar(sa.select(1)) == 1
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _broker_answers() -> bool:
    url = current_app.config["SETTINGS"].redis_url
    if url is None:
        return False
    try:
        with Redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        ) as broker:
            return bool(broker.ping())
    except RedisError:
        return False


def _age(at: datetime | None) -> int | None:
    return None if at is None else max(0, int((clock.now() - at).total_seconds()))
