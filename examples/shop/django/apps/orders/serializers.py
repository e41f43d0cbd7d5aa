from __future__ import annotations

from rest_framework import serializers

from apps.orders.models import Order, Product
from apps.users.serializers import CustomerSerializer


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "stock"]


class OrderSerializer(serializers.ModelSerializer):
    customer = CustomerSerializer(read_only=True)

    class Meta:
        model = Order
        fields = ["id", "customer", "status", "total", "metadata", "placed_at"]


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class CheckoutLineSerializer(serializers.Serializer):
    sku = serializers.CharField(max_length=32)
    quantity = serializers.IntegerField(min_value=1, max_value=100)


class CheckoutSerializer(serializers.Serializer):
    lines = CheckoutLineSerializer(many=True, allow_empty=False)
    redeem_points = serializers.BooleanField(default=False)
