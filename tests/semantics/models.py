"""The models of the cases: every kind of relation once."""

from functools import cached_property

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


class Customer(models.Model):
    name = models.CharField(max_length=50)
    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="customers")

    def __str__(self):  # own columns only
        return self.name


class Profile(models.Model):
    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="profile")
    bio = models.CharField(max_length=50)


class Shop(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self):
        return self.name


class OrderQuerySet(models.QuerySet):
    def with_customer(self):
        return self.select_related("customer")

    def with_items(self):
        return self.prefetch_related("items")

    def recent(self):
        return self.filter(pk__gt=0)


class SRManager(models.Manager):
    """Always joins the customer."""

    def get_queryset(self):
        return super().get_queryset().select_related("customer")


class SRFromQS(models.Manager.from_queryset(OrderQuerySet)):
    pass


class Order(models.Model):
    number = models.CharField(max_length=50)
    notes = models.TextField(default="")
    status = models.CharField(max_length=10, default="new", choices=[("new", "New"), ("old", "Old")])
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    shop = models.ForeignKey(Shop, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders")
    tags = models.ManyToManyField(Tag, related_name="orders", blank=True)
    tagged = GenericRelation("oapp.TaggedItem")

    objects = OrderQuerySet.as_manager()
    with_customer_mgr = SRManager()
    fq = SRFromQS()

    def __str__(self):  # own columns only
        return self.number

    @property
    def customer_name(self):
        return self.customer.name

    def items_total(self):
        return sum(i.qty for i in self.items.all())

    @property
    def item_count(self):
        return self.items.count()

    @cached_property
    def cached_item_count(self):
        return self.items.count()

    @property
    def last_item(self):
        return self.items.order_by("-pk").first()

    def get_absolute_url(self):
        return f"/c/{self.customer.name}/o/{self.pk}/"


class Category(models.Model):
    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")

    def __str__(self):
        return self.name

    def path(self):  # walks to the root
        out, c = [], self
        while c is not None:
            out.append(c.name)
            c = c.parent
        return out


class Product(models.Model):
    name = models.CharField(max_length=50)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="products")

    def __str__(self):  # reads a relation
        return f"{self.name} ({self.category.name})"


class Item(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="items")
    qty = models.IntegerField(default=1)


class OrderedNote(models.Model):
    """Ordered by its Meta: `first()` on a prefetch behaves differently."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="onotes")
    text = models.CharField(max_length=50)

    class Meta:
        ordering = ("pk",)


class Invoice(models.Model):
    """Its text reads a relation."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="invoices")
    code = models.CharField(max_length=50, unique=True)

    def __str__(self):
        return f"{self.code}/{self.order.number}"


class JoinedManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("country")


class City(models.Model):
    """The default manager joins: reverse managers use it, a forward key does not."""

    name = models.CharField(max_length=50)
    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="cities")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="cities")
    objects = JoinedManager()


class Street(models.Model):
    name = models.CharField(max_length=50)
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="streets")


class City2(models.Model):
    """Like City, with a base manager: a forward key uses that too."""

    name = models.CharField(max_length=50)
    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="cities2")
    objects = JoinedManager()

    class Meta:
        base_manager_name = "objects"


class Street2(models.Model):
    name = models.CharField(max_length=50)
    city = models.ForeignKey(City2, on_delete=models.CASCADE, related_name="streets")


class TaggedItem(models.Model):
    label = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey("content_type", "object_id")


class Place(models.Model):  # multi-table inheritance
    name = models.CharField(max_length=50)


class Restaurant(Place):
    stars = models.IntegerField(default=1)


class InitTouch(models.Model):  # __init__ reads a relation
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

    def __init__(self, *a, **kw):
        super().__init__(*a, **kw)
        if self.customer_id:
            self.label = self.customer.name


class Hooked(models.Model):  # save() that queries
    name = models.CharField(max_length=50)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

    def save(self, *a, **kw):
        self.name = self.customer.name
        super().save(*a, **kw)
