from __future__ import annotations

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.mixins import TimestampedModel


class ActiveManager(models.Manager):
    def get_queryset(self) -> models.QuerySet[User]:
        return super().get_queryset().filter(is_active=True)


class User(AbstractUser):
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("full name"), max_length=150)
    role = models.CharField(
        max_length=20,
        choices=[("customer", "Customer"), ("wholesale", "Wholesale")],
        default="customer",
    )
    loyalty_points = models.PositiveIntegerField(default=0)
    preferences = models.JSONField(default=dict, blank=True)

    objects = UserManager()
    active = ActiveManager()

    class Meta:
        ordering = ["-date_joined"]
        indexes = [
            models.Index(fields=["-date_joined"]),
            models.Index(fields=["role", "is_active"]),
        ]

    def __str__(self) -> str:
        return self.email


class Notification(TimestampedModel):
    """What a customer is to be told; the worker sends it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    subject = models.CharField(max_length=150)
    text = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.user_id}"
