from __future__ import annotations

import csv
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.orders.models import Product


class Command(BaseCommand):
    help = "Takes products from a CSV file with the columns sku, name, price and stock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open(newline="") as source:
                products = [
                    Product(
                        sku=row["sku"],
                        name=row["name"],
                        price=Decimal(row["price"]),
                        stock=int(row["stock"]),
                    )
                    for row in csv.DictReader(source)
                ]
        except (OSError, KeyError, ValueError, InvalidOperation) as error:
            raise CommandError(f"{file} cannot be imported: {error!r}") from error
        Product.objects.bulk_create(
            products,
            update_conflicts=True,
            unique_fields=["sku"],
            update_fields=["name", "price", "stock", "updated_at"],
        )
        self.stdout.write(f"{len(products)} products")
