from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import filters, mixins, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.users import services
from apps.users.models import User
from apps.users.permissions import IsSelfOrStaff
from apps.users.serializers import CreateUserSerializer, StaffUserSerializer, UserSerializer


class UserViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [permissions.IsAuthenticated, IsSelfOrStaff]
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["name", "email"]
    ordering_fields = ["date_joined", "name"]

    def get_permissions(self) -> list[permissions.BasePermission]:
        if self.action == "create":
            return [permissions.AllowAny()]
        if self.action in {"list", "deactivate"}:
            return [permissions.IsAdminUser()]
        return super().get_permissions()

    def get_serializer_class(self) -> type[BaseSerializer]:
        if self.action == "create":
            return CreateUserSerializer
        if self.action == "list":
            return StaffUserSerializer
        return super().get_serializer_class()

    def get_queryset(self) -> QuerySet[User]:
        users = super().get_queryset()
        if not self.request.user.is_staff:
            users = users.filter(is_active=True)
        return users

    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str | None = None) -> Response:
        services.deactivate(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=False)
    def me(self, request: Request) -> Response:
        return Response(self.get_serializer(request.user).data)
