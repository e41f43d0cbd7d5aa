from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.orders.models import Order, OrderEvent, OrderItem, Product
from apps.orders.services import export_orders


class OrderItemInline(admin.TabularInline):
    model = OrderItem
    raw_id_fields = ["product"]
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["id", "customer", "status", "total", "placed_at"]
    list_select_related = ["customer"]
    list_filter = ["status"]
    raw_id_fields = ["customer"]
    inlines = [OrderItemInline]
    actions = ["export_selected"]

    @admin.action(description="Export selected orders as CSV")
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        target = export_orders(queryset, settings.SHOP_EXPORT_DIR / "orders.csv")
        self.message_user(request, f"Exported to {target.name}")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "price", "stock"]
    search_fields = ["sku", "name"]


@admin.register(OrderEvent)
class OrderEventAdmin(admin.ModelAdmin):
    list_display = ["kind", "order", "created_at"]
    list_select_related = ["order"]
    list_filter = ["kind"]
    raw_id_fields = ["order"]
