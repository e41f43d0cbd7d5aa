from __future__ import annotations

from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.orders.models import Order


class IsCustomerOrStaff(permissions.BasePermission):
    def has_object_permission(self, request: Request, view: APIView, obj: Order) -> bool:
        return obj.customer_id == request.user.pk or request.user.is_staff
