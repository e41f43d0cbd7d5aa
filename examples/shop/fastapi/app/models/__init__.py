from app.models.order import Order, OrderItem
from app.models.product import Product
from app.models.user import User

__all__ = ["Order", "OrderItem", "Product", "User"]
