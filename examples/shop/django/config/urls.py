from django.contrib import admin
from django.urls import include, path

from apps.core.views import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("apps.users.urls")),
    path("api/", include("apps.orders.urls")),
    path("health/", health, name="health"),
    path("", include("apps.storefront.urls")),
]
