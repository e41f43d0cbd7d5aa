from __future__ import annotations

import pytest

from apps.users.models import User
from apps.users.tests.factories import UserFactory


@pytest.mark.django_db
class TestUser:
    def test_active_leaves_out_the_deactivated(self) -> None:
        user = UserFactory()
        UserFactory(is_active=False)

        assert list(User.active.all()) == [user]

    def test_text_is_the_address(self) -> None:
        assert str(UserFactory(email="ada@example.com")) == "ada@example.com"

    def test_new_user_is_welcomed_once(self) -> None:
        user = UserFactory()
        user.save()

        assert [one.subject for one in user.notifications.all()] == ["Welcome!"]
