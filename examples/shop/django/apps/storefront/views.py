from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView

from apps.orders import selectors
from apps.orders.models import Product


class CatalogueView(ListView):
    template_name = "storefront/catalogue.html"
    context_object_name = "products"
    paginate_by = 24

    def get_queryset(self) -> QuerySet[Product]:
        return selectors.catalogue()


@login_required
def invoice(request, pk):
    orders = selectors.orders_of(request.user).prefetch_related("items__product")
    return render(request, "storefront/invoice.html", {"order": get_object_or_404(orders, pk=pk)})
