from __future__ import annotations

from smtplib import SMTPException

from celery import Task, shared_task
from celery.utils.log import get_task_logger

from apps.users import services
from apps.users.models import Notification

logger = get_task_logger(__name__)


@shared_task
def send_pending_notifications() -> int:
    pending = list(
        Notification.objects.filter(sent_at__isnull=True).values_list("pk", flat=True)[:500]
    )
    for notification_id in pending:
        send_notification.delay(notification_id)
    return len(pending)


@shared_task(
    bind=True,
    max_retries=3,
    default_retry_delay=60,
    autoretry_for=(ConnectionError, TimeoutError),
    retry_backoff=True,
    retry_backoff_max=600,
)
def send_notification(self: Task, notification_id: int) -> None:
    notification = Notification.objects.select_related("user").filter(pk=notification_id).first()
    if notification is None or notification.sent_at:
        logger.info("Notification %s is gone or was sent", notification_id)
        return
    try:
        services.deliver(notification)
    except SMTPException as error:
        logger.warning("Notification %s was not sent: %s", notification_id, error)
        raise self.retry(exc=error) from error
