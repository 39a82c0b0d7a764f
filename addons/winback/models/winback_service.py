from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_whole
from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..const import STATUS_KEYS

# Candidates that a dry run names.
SHOWN = 20
MOST = 10**7


class WinbackService(models.AbstractModel):
    """The external API of win-back campaigns.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may call all of them, for the companies they work in.
    """

    _name = "winback.service"
    _description = "Win-back Service"
    _inherit = ["winback.dashboard"]

    # -------------------------------------------------------------------- arguments
    @api.model
    def _campaigns(self):
        self.env["lifecycle.engine"]._check_marketer()
        campaigns = self.env["winback.campaign"].with_context(active_test=False)
        return campaigns.search([("company_id", "in", self.env.companies.ids)])

    @api.model
    def _campaign(self, campaign_id):
        """Return a campaign of the user's companies.

        :raises ValidationError: the id is no integer, or unknown
        """
        campaigns = self._campaigns()
        engine = self.env["lifecycle.engine"]
        (number,) = engine._check_ids("campaign_id", [campaign_id])
        found = campaigns.filtered(lambda campaign: campaign.id == number)
        if not found:
            raise ValidationError(
                self.env._("campaign_id: there is no win-back campaign %s.", number)
            )
        return found

    # -------------------------------------------------------------------- targeting
    @api.readonly
    @api.model
    def identify_candidates(self, campaign_id):
        """Tell whom a campaign would try to win back now; writes nothing.

        Each customer counts with the first filter that keeps it out, in the order of
        the list.

        :param int campaign_id: id of a campaign, switched on or not
        :return: dict with ``customers`` (of the company), ``filters`` (list of dicts
            with reason, label, count: customers kept out, and left: customers that
            remain after it), ``candidates`` (left after all filters), ``starting``
            (of them, those that the daily limit lets in now), ``daily_limit_left``
            (False without a limit), and ``top``: the candidates who come first, at
            most 20 dicts with customer_id, customer_name, days_inactive, total_orders,
            total_revenue (in the company's currency) and is_holdout
        :raises ValidationError: unknown campaign
        :raises AccessError: the user is no marketer
        """
        campaign = self._campaign(campaign_id)
        now = fields.Datetime.now()
        kept_out = campaign._look(now)
        candidates = kept_out.pop(None, 0)
        everybody = candidates + sum(kept_out.values())
        room = campaign.sudo()._room(now)
        return {
            "customers": everybody,
            "filters": self._kept_out(campaign, kept_out, everybody, now),
            "candidates": candidates,
            "starting": candidates if room is None else min(room, candidates),
            "daily_limit_left": False if room is None else room,
            "top": self._top(campaign, now),
        }

    @api.model
    def _kept_out(self, campaign, counts, left, now):
        """Return a row per filter, in their order.

        :param dict counts: {reason: customers}
        :param int left: customers before the first filter
        """
        labels, rows = campaign._filter_labels(), []
        for reason in campaign.sudo()._filters(now):
            count = counts.get(reason, 0)
            left -= count
            row = {"reason": reason, "label": labels[reason]}
            rows.append({**row, "count": count, "left": left})
        return rows

    @api.model
    def _top(self, campaign, now):
        owner = campaign.sudo().with_company(campaign.company_id)
        rows = self.env.execute_query_dict(owner._top_query(now, SHOWN))
        today = Clock(now).today(campaign.company_id)
        people = self.env["res.partner"].sudo()
        people = people.browse(row["customer_id"] for row in rows)
        names = {person.id: person.display_name for person in people}
        return [
            {
                "customer_id": row["customer_id"],
                "customer_name": names[row["customer_id"]],
                "days_inactive": (today - row["last_order_date"]).days,
                "total_orders": row["total_orders"],
                "total_revenue": float(row["total_revenue"]),
                "is_holdout": row["is_holdout"],
            }
            for row in rows
        ]

    @api.model
    def start_attempts(self, campaign_id, limit=None):
        """Start attempts on the candidates now, the richest first.

        The daily limit holds all the same; whoever the control group has walks in
        silence. Called twice, nobody is attempted twice.

        :param int campaign_id: id of a campaign that is switched on
        :param int limit: at most so many, 1 to 10,000,000; all candidates by default
        :return: dict with started (new attempts), control (of them in the control
            group) and attempt_ids
        :raises ValidationError: unknown campaign or switched off, limit out of range
        :raises AccessError: the user is no marketer
        """
        campaign = self._campaign(campaign_id)
        if limit is False:  # XML-RPC knows no None
            limit = None
        if limit is not None:
            check_whole(self.env, "limit", limit, 1, MOST)
        if not campaign.is_active:
            raise ValidationError(
                self.env._("campaign_id: %s is switched off.", campaign.name)
            )
        started = campaign._start(fields.Datetime.now(), limit)
        attempts = self.env["winback.attempt"].sudo()
        control = attempts.search_count(
            [("id", "in", started), ("is_holdout", "=", True)]
        )
        return {"started": len(started), "control": control, "attempt_ids": started}

    # ----------------------------------------------------------------------- orders
    @api.model
    def process_order(self, order_id):
        """End the attempt that an order brings to its goal, or no longer does, as the
        engine does by itself; again for the same order, nothing changes.

        :param int order_id: id of a sale order
        :return: dict with won_back, attempt_id and campaign_id (False where no attempt
            was under way), value (untaxed, in the company's currency), is_holdout, and
            reason: empty, not_confirmed or no_attempt
        :raises ValidationError: unknown order
        :raises AccessError: the user is no marketer
        """
        order = self._ordered(order_id)
        attempts = self.env["winback.attempt"].with_company(order.company_id)
        confirmed = order.state == "sale"
        # One that was cancelled meanwhile wins nobody back any more.
        attempts.sudo()._on_order(order.ids, fields.Datetime.now())
        won = attempts.search([("conversion_order_id", "=", order.id)], limit=1)
        reason = "" if won else "no_attempt" if confirmed else "not_confirmed"
        return {
            "won_back": bool(won),
            "attempt_id": won.id,
            "campaign_id": won.campaign_id.id,
            "value": won.conversion_value,
            "is_holdout": won.is_holdout,
            "reason": reason,
        }

    @api.model
    def _ordered(self, order_id):
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        (number,) = engine._check_ids("order_id", [order_id])
        orders = self.env["sale.order"].sudo()
        mine = [("id", "=", number), ("company_id", "in", self.env.companies.ids)]
        order = orders.search(mine)
        if not order:
            raise ValidationError(self.env._("order_id: there is no order %s.", number))
        return order

    # ---------------------------------------------------------------------- figures
    @api.readonly
    @api.model
    def get_stats(self, campaign_id=None):
        """Return what win-back brought; control groups count in no figure but lift.

        :param int campaign_id: id of a campaign; all of the user's companies by default
        :return: dict with targeted, active, ended, won_back, exhausted, unsubscribed
            (attempts), won_back_rate (percent of the ended), target_rate,
            revenue_recovered (untaxed, net of refunds), average_value and offer_cost
            (in the current company's currency), emails_sent, and ``lift``: of one
            campaign as ``get_lift`` returns it, else False
        :raises ValidationError: unknown campaign
        :raises AccessError: the user is no marketer
        """
        one = campaign_id is not None and campaign_id is not False
        campaigns = self._campaign(campaign_id) if one else self._campaigns()
        found = self._dashboard(campaigns, None, None)
        totals = found["totals"]
        statuses = self._statuses(campaigns)
        sent = campaigns._message_figures() if campaigns else {}
        return {
            "targeted": totals["targeted"],
            **statuses,
            "ended": totals["ended"],
            "won_back_rate": totals["rate"],
            "target_rate": found["target_rate"],
            "revenue_recovered": totals["revenue"],
            "average_value": totals["revenue"] / (totals["won_back"] or 1),
            "offer_cost": totals["offer_cost"],
            "emails_sent": sum(figures[0] for figures in sent.values()),
            "lift": campaigns.get_lift() if one else False,
        }

    @api.model
    def _statuses(self, campaigns):
        """Return {status: attempts} of campaigns."""
        rows = self.env.execute_query(
            SQL(
                "SELECT a.status, count(*)::int FROM (%s) a GROUP BY 1",
                campaigns._attempts_query(),
            )
        )
        return dict.fromkeys(STATUS_KEYS, 0) | dict(rows)

    @api.readonly
    @api.model
    def get_dashboard(self, date_from=None, date_to=None):
        """Return the figures of all campaigns of the user's companies, by campaign and
        by the month in which attempts began; control groups count in no figure.

        :param date_from: first day on which attempts began, in their company's time
            zone, ISO text or date; all by default
        :param date_to: last day
        :return: dict with currency_id, target_rate (percent), ``totals`` (targeted,
            active, ended, won_back, rate: percent of the ended, revenue, offer_cost
            and net, in the current company's currency), ``campaigns`` (list of the
            same per campaign, with id, name, is_active, paused, currency_id,
            target_rate; money in its own currency) and ``months`` (list of dicts with
            month: its first day, targeted, ended, won_back, rate and revenue)
        :raises ValidationError: a date is none, or the first lies after the last
        :raises AccessError: the user is no marketer
        """
        campaigns = self._campaigns()
        first, last = self.env["journey.lift"]._entry_days(date_from, date_to)
        return self._dashboard(campaigns, first, last)
