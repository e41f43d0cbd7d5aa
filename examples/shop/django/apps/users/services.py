from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from apps.users.models import Notification, User


def register(email: str, name: str, password: str) -> User:
    return User.objects.create_user(username=email, email=email, name=name, password=password)


def deactivate(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def notify(user: User, subject: str, text: str) -> Notification:
    return Notification.objects.create(user=user, subject=subject, text=text)


def deliver(notification: Notification) -> None:
    send_mail(
        notification.subject,
        notification.text,
        settings.DEFAULT_FROM_EMAIL,
        [notification.user.email],
    )
    notification.sent_at = timezone.now()
    notification.save(update_fields=["sent_at"])
