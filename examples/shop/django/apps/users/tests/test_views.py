from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.tests.factories import UserFactory


@pytest.mark.django_db
class TestUserAPI:
    def setup_method(self) -> None:
        self.client = APIClient()
        self.user = UserFactory()
        self.staff = UserFactory(is_staff=True)
        self.client.force_authenticate(user=self.user)

    def test_staff_lists_users(self) -> None:
        UserFactory.create_batch(3)
        self.client.force_authenticate(user=self.staff)

        response = self.client.get(reverse("user-list"))

        assert response.status_code == 200
        assert response.data["count"] == 5

    def test_customer_may_not_list_users(self) -> None:
        response = self.client.get(reverse("user-list"))

        assert response.status_code == 403

    def test_register(self) -> None:
        self.client.logout()
        payload = {"email": "New@example.com", "name": "New", "password": "secure_password_123"}

        response = self.client.post(reverse("user-list"), payload, format="json")

        assert response.status_code == 201
        assert "password" not in response.data
        assert User.objects.get(email="new@example.com").check_password("secure_password_123")

    def test_short_password_is_refused(self) -> None:
        payload = {"email": "new@example.com", "name": "New", "password": "short"}

        response = self.client.post(reverse("user-list"), payload, format="json")

        assert response.status_code == 400

    def test_me(self) -> None:
        response = self.client.get(reverse("user-me"))

        assert response.data["email"] == self.user.email

    def test_customer_may_not_become_wholesale(self) -> None:
        url = reverse("user-detail", args=[self.user.pk])

        response = self.client.patch(url, {"role": "wholesale"}, format="json")

        assert response.status_code == 400

    def test_customer_may_not_change_another(self) -> None:
        url = reverse("user-detail", args=[self.staff.pk])

        response = self.client.patch(url, {"name": "Mallory"}, format="json")

        assert response.status_code == 403

    def test_staff_deactivates(self) -> None:
        self.client.force_authenticate(user=self.staff)

        response = self.client.post(reverse("user-deactivate", args=[self.user.pk]))

        assert response.status_code == 204
        assert not User.active.filter(pk=self.user.pk).exists()

    def test_unauthenticated_blocked(self) -> None:
        self.client.logout()

        response = self.client.get(reverse("user-me"))

        assert response.status_code == 403
