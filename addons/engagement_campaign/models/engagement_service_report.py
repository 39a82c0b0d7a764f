from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader

from ..const import STATUS_KEYS

MOST = 1000
CODE_STATES = ("open", "used", "expired")


class EngagementServiceReport(models.AbstractModel):
    """What the external API tells of campaigns."""

    _name = "engagement.service.report"
    _description = "Campaign Service: reports"

    @api.readonly
    @api.model
    def get_executions(
        self, playbook=None, status=None, customer_id=None, limit=100, offset=0
    ):
        """Return enrolments, the newest first.

        :param str playbook: code of a campaign; all by default
        :param str status: active, completed, converted, unsubscribed or cancelled
        :param int customer_id: id of a partner; a contact counts for its company
        :param int limit: at most so many, 1 to 1000
        :param int offset: leave out so many
        :return: list of dicts with id, playbook, customer_id, customer_name, status,
            current_step, steps_completed, enrolled_at, completed_at, converted_at,
            conversion_order_id, conversion_value, offer_code, offer_used, exit_reason
            and context; moments are ISO texts in UTC
        :raises ValidationError: an argument is not allowed
        :raises AccessError: the user is no marketer
        """
        campaigns = self._campaigns()
        page = JsonReader(self.env, {"limit": limit, "offset": offset}, "page")
        domain = [("campaign_id", "in", campaigns.ids), ("is_holdout", "!=", True)]
        if playbook is not None and playbook is not False:
            domain.append(("campaign_id", "=", self._campaign(playbook).id))
        if status is not None and status is not False:
            choice = JsonReader(self.env, {"status": status}, "get_executions")
            domain.append(("status", "=", choice.choice("status", STATUS_KEYS)))
        if customer_id is not None and customer_id is not False:
            engine = self.env["lifecycle.engine"]
            customer = engine._check_customers("customer_id", [customer_id])
            domain.append(("customer_id", "=", customer.id))
        found = self.env["campaign.enrollment"].search(
            domain,
            limit=page.number("limit", 1, MOST, whole=True),
            offset=page.number("offset", 0, 10**9, whole=True),
            order="started_at desc, id desc",
        )
        return [self._execution(enrollment) for enrollment in found]

    @api.model
    def _execution(self, enrollment):
        return {
            "id": enrollment.id,
            "playbook": enrollment.campaign_id.code,
            "customer_id": enrollment.customer_id.id,
            "customer_name": enrollment.customer_id.display_name,
            "status": enrollment.status,
            "current_step": enrollment.current_step,
            "steps_completed": enrollment.steps_completed,
            "enrolled_at": _iso(enrollment.started_at),
            "completed_at": _iso(enrollment.completed_at),
            "converted_at": _iso(enrollment.converted_at),
            "conversion_order_id": enrollment.conversion_order_id.id,
            "conversion_value": enrollment.conversion_value,
            "offer_code": enrollment.offer_code or "",
            "offer_used": enrollment.offer_used,
            "exit_reason": enrollment.exit_reason or "",
            "context": enrollment.context or {},
        }

    @api.readonly
    @api.model
    def get_stats(self, playbook=None):
        """Return what campaigns brought about; control groups count in no figure.

        :param str playbook: code of a campaign; all of the user's companies by default
        :return: dict with started, completed, converted, conversion_rate (percent),
            total_value and average_value of conversions (in the company's currency;
            an order that several campaigns converted to counts once), offer_cost, and
            rescued: conversions of rescue campaigns
        :raises ValidationError: unknown code, or companies of several currencies
        :raises AccessError: the user is no marketer
        """
        campaigns = self._campaigns()
        if playbook is not None and playbook is not False:
            campaigns = self._campaign(playbook)
        rescues = campaigns.filtered(lambda campaign: campaign._is_rescue())
        converted = sum(campaigns.mapped("total_converted"))
        started = sum(campaigns.mapped("total_enrolled"))
        once = campaigns._revenue_once()
        value = self.env["journey.figures"]._in_one_currency(
            {company: revenue for company, (_count, revenue) in once.items()}
        )
        valued = sum(count for count, _revenue in once.values())
        costs = {}
        for campaign in campaigns:
            company = campaign.company_id.id
            costs[company] = costs.get(company, 0) + campaign.offer_cost
        return {
            "started": started,
            "completed": sum(campaigns.mapped("total_completed")),
            "converted": converted,
            "conversion_rate": 100 * converted / started if started else 0.0,
            "total_value": value,
            "average_value": value / valued if valued else 0.0,
            "offer_cost": self.env["journey.figures"]._in_one_currency(costs),
            "rescued": sum(rescues.mapped("total_converted")),
        }

    @api.readonly
    @api.model
    def get_discount_codes(self, customer_id=None, state=None):
        """Return the personal codes that campaigns gave out, the newest first.

        :param int customer_id: id of a partner; a contact counts for its company
        :param str state: open, used or expired
        :return: list of at most 1000 dicts with code, customer_id, playbook, state,
            expires (ISO date or False) and issued_at (ISO, UTC)
        :raises ValidationError: an argument is not allowed
        :raises AccessError: the user is no marketer
        """
        campaigns = self._campaigns()
        wanted = SQL("TRUE")
        if state is not None and state is not False:
            reader = JsonReader(self.env, {"state": state}, "get_discount_codes")
            wanted = SQL("c.state = %s", reader.choice("state", CODE_STATES))
        whose = SQL("TRUE")
        if customer_id is not None and customer_id is not False:
            engine = self.env["lifecycle.engine"]
            customer = engine._check_customers("customer_id", [customer_id])
            whose = SQL("p.commercial_partner_id = %s", customer.id)
        self.env.flush_all()
        rows = self.env.execute_query_dict(self._query_codes(campaigns, whose, wanted))
        codes = {campaign.id: campaign.code for campaign in campaigns}
        return [
            {
                "code": row["code"],
                "customer_id": row["customer_id"],
                "playbook": codes[row["definition_id"]],
                "state": row["state"],
                "expires": row["expires"].isoformat() if row["expires"] else False,
                "issued_at": row["issued_at"].isoformat(),
            }
            for row in rows
        ]

    def _query_codes(self, campaigns, whose, wanted):
        return SQL(
            """
            SELECT * FROM (
                SELECT k.id, k.code, p.commercial_partner_id AS customer_id,
                       k.journey_id AS definition_id,
                       k.expiration_date AS expires, k.offer_issued_at AS issued_at,
                       CASE WHEN k.points <= 0 THEN 'used'
                            WHEN k.expiration_date < %(today)s THEN 'expired'
                            ELSE 'open' END AS state
                  FROM loyalty_card k JOIN res_partner p ON p.id = k.partner_id
                 WHERE k.journey_model = 'engagement.campaign'
                   AND k.journey_id = ANY(%(campaigns)s) AND %(whose)s) c
             WHERE %(wanted)s ORDER BY issued_at DESC, id DESC LIMIT %(most)s
            """,
            today=self.env["lifecycle.engine"]._clock().today(self.env.company),
            campaigns=campaigns.ids,
            whose=whose,
            wanted=wanted,
            most=MOST,
        )


def _iso(moment):
    return moment.isoformat() if moment else False
