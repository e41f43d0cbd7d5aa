"""What `celery -A config.celery worker --beat` starts; the web application runs without it."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "send-notifications": {
        "task": "apps.users.tasks.send_pending_notifications",
        "schedule": 60,
    },
    "remind-of-overdue-orders": {
        "task": "apps.orders.tasks.send_overdue_report",
        "schedule": crontab(hour=6, minute=0),
    },
}
