from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.users import services
from apps.users.models import User


class CustomerSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name", "email"]


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "email", "name", "role", "loyalty_points", "date_joined"]
        read_only_fields = ["id", "loyalty_points", "date_joined"]

    def validate_email(self, value: str) -> str:
        return value.lower().strip()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("role") == "wholesale" and not self.context["request"].user.is_staff:
            raise serializers.ValidationError({"role": "Only staff can make a wholesale customer."})
        return attrs


class CreateUserSerializer(serializers.ModelSerializer):
    password = serializers.CharField(write_only=True, min_length=8)

    class Meta:
        model = User
        fields = ["id", "email", "name", "password"]

    def validate_email(self, value: str) -> str:
        return value.lower().strip()

    def create(self, validated_data: dict[str, Any]) -> User:
        return services.register(**validated_data)


class StaffUserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"
