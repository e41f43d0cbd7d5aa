from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from rest_framework import filters, generics, permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.orders import selectors, services
from apps.orders.models import Order, OrderItem, Product
from apps.orders.permissions import IsCustomerOrStaff
from apps.orders.serializers import (
    CancelSerializer,
    CheckoutSerializer,
    OrderSerializer,
    ProductSerializer,
)


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    permission_classes = [permissions.AllowAny]
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["name", "sku"]
    ordering_fields = ["sku", "price"]


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAdminUser]

    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: str | None = None) -> Response:
        order = services.change_status(self.get_object(), Order.Status.SHIPPED)
        return Response(self.get_serializer(order).data)

    @action(detail=True)
    def shipping(self, request: Request, pk: str | None = None) -> Response:
        return Response({"price": services.shipping_quote(self.get_object())})

    @action(detail=False)
    def overdue(self, request: Request) -> Response:
        return Response(selectors.overdue_report())


class MyOrdersView(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self) -> QuerySet[Order]:
        return selectors.orders_of(self.request.user)


class CancelOrderView(generics.GenericAPIView):
    queryset = Order.objects.with_customer()
    serializer_class = CancelSerializer
    permission_classes = [permissions.IsAuthenticated, IsCustomerOrStaff]

    def post(self, request: Request, pk: int) -> Response:
        order = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            services.cancel_order(order, serializer.validated_data["reason"])
        except services.OrderShippedError as error:
            return Response({"detail": str(error)}, status=status.HTTP_409_CONFLICT)
        return Response(OrderSerializer(order).data)


class CheckoutView(APIView):
    def post(self, request: Request) -> Response:
        serializer = CheckoutSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        customer = request.user
        total = Decimal("0")
        low_stock = []

        with transaction.atomic():
            order = Order.objects.create(customer=customer)
            for line in serializer.validated_data["lines"]:
                product = Product.objects.select_for_update().filter(sku=line["sku"]).first()
                if product is None:
                    raise ValidationError({"lines": f"Unknown product {line['sku']}"})
                if product.stock < line["quantity"]:
                    raise ValidationError({"lines": f"Only {product.stock} of {product.sku} left"})
                price = product.price
                if customer.role == "wholesale":
                    price = price * Decimal("0.80") if line["quantity"] >= 10 else price
                elif line["quantity"] >= 20:
                    price = price * Decimal("0.95")
                product.stock -= line["quantity"]
                product.save(update_fields=["stock"])
                if product.stock < 5:
                    low_stock.append(product)
                OrderItem.objects.create(
                    order=order, product=product, quantity=line["quantity"], unit_price=price
                )
                total += price * line["quantity"]

            if serializer.validated_data["redeem_points"] and customer.loyalty_points >= 100:
                discount = min(Decimal(customer.loyalty_points // 100), total)
                customer.loyalty_points -= int(discount) * 100
                customer.save(update_fields=["loyalty_points"])
                total -= discount
            if total < 50:
                total += Decimal("4.90")
            order.total = total
            order.save(update_fields=["total"])
            services.record_event(order, "placed")

        services.award_points(order)
        send_mail(
            f"Your order {order.pk}",
            f"Dear {customer.name}, we received your order over {order.total} EUR.",
            None,
            [customer.email],
        )
        if low_stock:
            send_mail(
                "Low stock",
                "\n".join(f"{product.sku}: {product.stock}" for product in low_stock),
                None,
                [settings.SHOP_STAFF_EMAIL],
            )
        return Response(OrderSerializer(order).data, status=status.HTTP_201_CREATED)
