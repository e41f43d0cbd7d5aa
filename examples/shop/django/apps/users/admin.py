from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin

from apps.users.models import Notification, User


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    list_display = ["email", "name", "role", "loyalty_points", "is_active"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "name"]
    fieldsets = (
        *BaseUserAdmin.fieldsets,
        ("Shop", {"fields": ["name", "role", "loyalty_points", "preferences"]}),
    )


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    list_display = ["subject", "user", "created_at", "sent_at"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]
    readonly_fields = ["sent_at"]
