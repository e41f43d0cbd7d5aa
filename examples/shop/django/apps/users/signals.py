from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import receiver

from apps.users import services
from apps.users.models import User


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def welcome(sender: type[User], instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        services.notify(instance, "Welcome!", f"Dear {instance.name}, your account is ready.")
