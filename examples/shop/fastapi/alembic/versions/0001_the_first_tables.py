"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sku"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    with op.batch_alter_table("users") as batch:
        batch.create_index(batch.f("ix_users_created_at"), ["created_at"], unique=False)
        batch.create_index(batch.f("ix_users_token_hash"), ["token_hash"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_email", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("orders") as batch:
        batch.create_index(batch.f("ix_orders_customer_email"), ["customer_email"], unique=False)
        batch.create_index(batch.f("ix_orders_customer_id"), ["customer_id"], unique=False)
        batch.create_index(batch.f("ix_orders_status"), ["status"], unique=False)

    op.create_table(
        "order_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("order_items") as batch:
        batch.create_index(batch.f("ix_order_items_order_id"), ["order_id"], unique=False)
        batch.create_index(batch.f("ix_order_items_product_id"), ["product_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("order_items") as batch:
        batch.drop_index(batch.f("ix_order_items_product_id"))
        batch.drop_index(batch.f("ix_order_items_order_id"))

    op.drop_table("order_items")
    with op.batch_alter_table("orders") as batch:
        batch.drop_index(batch.f("ix_orders_status"))
        batch.drop_index(batch.f("ix_orders_customer_id"))
        batch.drop_index(batch.f("ix_orders_customer_email"))

    op.drop_table("orders")
    with op.batch_alter_table("users") as batch:
        batch.drop_index(batch.f("ix_users_token_hash"))
        batch.drop_index(batch.f("ix_users_created_at"))

    op.drop_table("users")
    op.drop_table("products")
