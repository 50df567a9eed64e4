"""Celery around the app. The broker is a doorbell: flushed, doubled or lost, only latency changes."""

import os

from celery import Celery

from trainingapp import config, create_app
from trainingapp.db import commit_durably, db
from worker.limits import Limited
from worker.schedule import LINES

settings = config.load(os.environ)
if settings.redis_url is None:
    raise config.ConfigError("Set REDIS_URL to the broker, for example redis://127.0.0.1:6379/0.")
flask_app = create_app(settings)
with flask_app.app_context():
    commit_durably(db.engine)  # a fence must survive a power cut

app = Celery("lanjut", broker=settings.redis_url, include=["worker.tasks"], task_cls=Limited)
app.conf.update(
    accept_content=["json"],
    task_ignore_result=True,  # results are rows
    task_acks_late=False,  # a doorbell that is lost with its worker is rung again by the next tick
    worker_prefetch_multiplier=1,  # nobody hoards what another could do
    worker_concurrency=3,
    worker_soft_shutdown_timeout=20,  # seconds to finish the batch in hand
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the work is in rows, not in the broker
    task_soft_time_limit=60,
    task_time_limit=90,
    # One queue a kind, so that a slow kind can get workers of its own (-Q mail).
    task_queues={
        name: {"exchange": name, "routing_key": name} for name in ("ticks", "mail", "inbound", "imports")
    },
    task_default_queue="ticks",
    task_routes={
        "send": {"queue": "mail"},
        "imports": {"queue": "imports"},
        "themes": {"queue": "imports"},
        "inbound": {"queue": "inbound"},
    },
    timezone="UTC",  # beat skips or doubles local hours when clocks change
    enable_utc=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    },
    beat_scheduler="celery.beat:Scheduler",  # remembers nothing on disk: rows say what has been done
    beat_schedule={
        line.task: {
            "task": line.task,
            "schedule": line.every,
            "options": {"expires": 2 * line.every.total_seconds()},
        }
        for line in LINES
    },
)
