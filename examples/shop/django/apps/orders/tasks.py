from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail

from apps.orders import selectors


@shared_task(autoretry_for=(ConnectionError, TimeoutError), retry_backoff=True, max_retries=3)
def send_overdue_report() -> int:
    report = selectors.overdue_report()
    if report:
        lines = [f"{row['order']}: {row['customer']}, {row['days']} days" for row in report]
        send_mail("Overdue orders", "\n".join(lines), None, [settings.SHOP_STAFF_EMAIL])
    return len(report)
