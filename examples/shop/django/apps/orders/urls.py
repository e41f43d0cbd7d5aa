from django.urls import include, path
from rest_framework.routers import DefaultRouter

from apps.orders.views import CheckoutView, MyOrdersView, OrderViewSet, ProductViewSet

router = DefaultRouter()
router.register("products", ProductViewSet)
router.register("orders", OrderViewSet)

urlpatterns = [
    path("checkout/", CheckoutView.as_view(), name="checkout"),
    path("me/orders/", MyOrdersView.as_view(), name="my-orders"),
    path("", include(router.urls)),
]
