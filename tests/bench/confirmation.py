"""Order confirmation with and without the addon: two databases in one process."""

import gc
import time
from statistics import median

from odoo import Command, api

from . import databases
from .report import Bound, Row

CUSTOMERS = 20_000
ORDERS = 600
WARM_UP = 16
LIMIT = 1.03
SALESPERSON = "bench_salesperson"


class Shop:
    """One database with draft orders of a service, confirmed one after the other."""

    def __init__(self, env):
        self.env = env(user=_salesperson(env))
        self.seconds = []
        self.statements = []
        self.drafts = self._draft(ORDERS + WARM_UP)

    def _draft(self, number):
        env = self.env
        products = env["product.product"].sudo()
        service = products.create(
            {"name": "Bench service", "type": "service", "invoice_policy": "order"}
        )
        env.cr.execute("SELECT DISTINCT partner_id FROM sale_order LIMIT %s", [number])
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partner,
                    "order_line": [(0, 0, {"product_id": service.id, "price_unit": 9})],
                }
                for (partner,) in env.cr.fetchall()
            ]
        )
        env.cr.commit()
        return list(orders.ids)

    def confirm(self):
        """Confirm the next order as a request does: in a transaction of its own, which
        knows of no environment of another order, commit included.
        """
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            order = env["sale.order"].browse(self.drafts.pop())
            start = time.perf_counter()
            order.action_confirm()
            cr.commit()
            self.seconds.append(time.perf_counter() - start)
            self.statements.append(cr.sql_log_count)


def _salesperson(env):
    groups = env.ref("sales_team.group_sale_salesman_all_leads")
    return env["res.users"].create(
        {
            "name": SALESPERSON,
            "login": f"{SALESPERSON}-{time.time()}",
            "group_ids": [Command.link(groups.id)],
        }
    )


def confirm(with_addon, without):
    """Row 5: what every confirmation pays for the lifecycle."""
    ours, plain = in_turns(with_addon, without)
    row = compare(
        "confirmation", "Order confirmation with and without the addon", ours, plain
    )
    row.notes.insert(0, "peer: the same order in Odoo without the addon")
    row.bounds.append(Bound("x peer", row.ratios["peer"], LIMIT))
    return row


def in_turns(with_addon, without):
    """Confirm orders of two shops in turns; the order of each pair alternates.

    :return: a Shop for each
    """
    with (
        databases.environment(with_addon) as env_with,
        databases.environment(without) as env_without,
    ):
        shops = [Shop(env_with), Shop(env_without)]
        for name in (with_addon, without):
            databases.execute(name, "VACUUM ANALYZE", "CHECKPOINT")
        for turn in range(WARM_UP + ORDERS):
            if turn == WARM_UP:
                for shop in shops:
                    shop.seconds.clear()
                gc.collect()
            for shop in shops if turn % 2 else shops[::-1]:
                shop.confirm()
        return shops


def compare(key, title, ours, plain):
    """Return the row of two shops."""
    seconds, below = median(ours.seconds), median(plain.seconds)
    row = Row(
        key,
        title,
        1,
        seconds,
        median(ours.statements),
        sides={"with": seconds, "without": below},
        ratios={
            "peer": _ratio(ours.seconds, plain.seconds),
            "peer, all medians": seconds / below,
        },
    )
    more = median(ours.statements) - median(plain.statements)
    row.notes.append(f"{more:+g} statements per order, commit included")
    return row


def _ratio(ours, plain):
    """What it costs more: the median difference of the two orders of a turn.

    Both of a turn see the same machine; who comes first alternates.
    """
    return 1 + median(a - b for a, b in zip(ours, plain, strict=True)) / median(plain)
