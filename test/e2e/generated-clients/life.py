"""Run by generated-clients.test.ts beside shop_client, which openapi-python-client makes of the OpenAPI document."""

import datetime
import json
import sys
import uuid

from shop_client import Client
from shop_client.api.cart import add_cart_item, change_cart_item, list_cart_items, put_cart_item
from shop_client.api.orders import (
    cancel_order,
    create_order,
    delete_order,
    finish_order,
    get_order,
    list_orders,
    report_payment,
)
from shop_client.models import (
    CancelRequest,
    Cart,
    CartAddition,
    CartItem,
    CartItemChange,
    CartItemRequest,
    CreatedOrder,
    Money,
    Order,
    OrderList,
    OrderRequest,
    Payment,
    PaymentRequest,
    Problem,
)

url, user, goods = sys.argv[1:]
user_id, goods_id = int(user), int(goods)
api = Client(base_url=url, timeout=300, raise_on_unexpected_status=True)


def good(kind, answer):
    if not isinstance(answer, kind):
        raise SystemExit(f"not {kind.__name__}: {answer}")
    return answer


def ordered(expected=None):
    body = OrderRequest(user_id=user_id, address="1 Harbour Road", name="A. Buyer", mobile="13800000000")
    if expected is not None:
        body.expected_total = expected
    return create_order.sync(client=api, body=body, idempotency_key=str(uuid.uuid4()))


for num in (1, 2):
    good(CartItem, add_cart_item.sync(user_id, client=api, body=CartAddition(goods_id=goods_id, num=num)))
good(CartItem, change_cart_item.sync(user_id, goods_id, client=api, body=CartItemChange(num=2)))
cart = good(Cart, list_cart_items.sync(user_id, client=api))
price = cart.items[0].price_now
assert cart.compared and isinstance(price, Money)

dearer = good(Problem, ordered(Money(amount=2 * price.amount + 1, currency=price.currency)))
created = good(CreatedOrder, ordered(Money(amount=2 * price.amount, currency=price.currency)))
payment = PaymentRequest(
    provider="gateway",
    payment_id=created.order_sn,
    amount=created.total,
    paid_at=datetime.datetime.now(datetime.timezone.utc),
)
paid = good(Payment, report_payment.sync(created.order_sn, client=api, body=payment))
cancelled = good(Problem, cancel_order.sync(created.order_sn, client=api, body=CancelRequest()))
finished = good(Order, finish_order.sync(created.order_sn, client=api))
seen = good(Order, get_order.sync(created.order_sn, client=api))

good(CartItem, put_cart_item.sync(user_id, goods_id, client=api, body=CartItemRequest(num=1)))
second = good(CreatedOrder, ordered())
closed = good(Order, cancel_order.sync(second.order_sn, client=api, body=CancelRequest(reason="changed my mind")))
deleted = delete_order.sync_detailed(second.order_sn, client=api)
listed = good(OrderList, list_orders.sync(client=api, user_id=user_id, limit=10))

print(
    json.dumps(
        {
            "refused": dearer.failure,
            "created": [created.status, created.total.amount == 2 * price.amount],
            "paid": paid.outcome,
            "cancelled": cancelled.failure,
            "finished": [finished.status, seen.status],
            "closed": closed.status,
            "deleted": deleted.status_code,
            "listed": [one.order_sn == created.order_sn for one in listed.orders],
        }
    )
)
