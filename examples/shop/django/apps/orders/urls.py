from django.urls import include, path
from rest_framework.routers import DefaultRouter

from apps.orders.views import (
    CancelOrderView,
    CheckoutView,
    MyOrdersView,
    OrderViewSet,
    ProductViewSet,
)

router = DefaultRouter()
router.register("products", ProductViewSet)
router.register("orders", OrderViewSet)

urlpatterns = [
    path("checkout/", CheckoutView.as_view(), name="checkout"),
    path("me/orders/", MyOrdersView.as_view(), name="my-orders"),
    path("me/orders/<int:pk>/cancel/", CancelOrderView.as_view(), name="cancel-order"),
    path("", include(router.urls)),
]
