"""Runs fixtures in real Django.

Importing this configures Django for the process, before any of its models can be imported. Nothing else in the suite
does: the other tests that need Django run it in processes of their own.
"""

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        SECRET_KEY="x",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        # The tables are made from the models: running the migrations would take longer than all fixtures together.
        MIGRATION_MODULES={"contenttypes": None, "auth": None},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGGING_CONFIG=None,
    )
    django.setup()
