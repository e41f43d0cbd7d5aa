from __future__ import annotations

from apps.users.models import User


def deactivate(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])
