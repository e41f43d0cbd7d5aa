from __future__ import annotations

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


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
        indexes = [models.Index(fields=["-date_joined"])]

    def __str__(self) -> str:
        return self.email
