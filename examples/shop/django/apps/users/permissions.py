from __future__ import annotations

from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.users.models import User


class IsSelfOrStaff(permissions.BasePermission):
    def has_object_permission(self, request: Request, view: APIView, obj: User) -> bool:
        return obj == request.user or request.user.is_staff
