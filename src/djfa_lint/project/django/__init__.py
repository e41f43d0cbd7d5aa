"""What a Django project holds: models, URLs, views, serializers, admin, signals, settings, templates."""
