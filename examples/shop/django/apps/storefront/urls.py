from django.urls import path

from apps.storefront.views import CatalogueView, invoice

urlpatterns = [
    path("", CatalogueView.as_view(), name="catalogue"),
    path("invoices/<int:pk>/", invoice, name="invoice"),
]
