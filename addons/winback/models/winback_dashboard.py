from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import start_of_day

from ..const import TARGET_RATE
from .winback_statistics import SUMS, percent

FIGURES = ("targeted", "ended", "won_back", "revenue")


class WinbackDashboard(models.AbstractModel):
    """All campaigns together: what attempts that began in a period brought back."""

    _name = "winback.dashboard"
    _description = "Win-back Dashboard"

    @api.model
    def _dashboard(self, campaigns, first, last):
        """Return what the dashboard shows of campaigns; see ``get_dashboard``."""
        attempts = self._period_query(campaigns, first, last)
        rows = {row.pop("definition_id"): row for row in self._by_campaign(attempts)}
        costs = self._costs(campaigns, attempts)
        found = [
            self._campaign_row(campaign, rows.get(campaign.id, {}), costs)
            for campaign in campaigns
        ]
        return {
            "currency_id": self.env.company.currency_id.id,
            "target_rate": self._target(campaigns),
            "totals": self._totals(campaigns, found),
            "campaigns": sorted(
                found, key=lambda row: (-row["revenue"], row["name"], row["id"])
            ),
            "months": self._by_month(campaigns, attempts),
        }

    @api.model
    def _target(self, campaigns):
        """Return the target of the campaigns, if they agree on one, else the usual."""
        targets = set(campaigns.mapped("target_rate"))
        return targets.pop() if len(targets) == 1 else TARGET_RATE

    # ---------------------------------------------------------------------- period
    @api.model
    def _period_query(self, campaigns, first, last):
        """Select the attempts that began between two days of their own company."""
        self.env.flush_all()
        parts = [SQL("FALSE")]
        for company in campaigns.company_id:
            zone = company.sudo().partner_id.tz
            here = [SQL("a.company_id = %s", company.id)]
            if first:
                here.append(SQL("a.started_at >= %s", start_of_day(first, zone)))
            if last:
                after = start_of_day(last + timedelta(days=1), zone)
                here.append(SQL("a.started_at < %s", after))
            parts.append(SQL("(%s)", SQL(" AND ").join(here)))
        return SQL(
            "SELECT a.* FROM (%s) a WHERE %s",
            campaigns._attempts_query(),
            SQL(" OR ").join(parts),
        )

    # --------------------------------------------------------------------- figures
    @api.model
    def _by_campaign(self, attempts):
        return self.env.execute_query_dict(
            SQL("SELECT a.definition_id, %s FROM (%s) a GROUP BY 1", SUMS, attempts)
        )

    @api.model
    def _costs(self, campaigns, attempts):
        """Return {campaign id: cost of the offers of these attempts}."""
        costs = self.env["journey.offer"]._costs_query(
            "winback.campaign", campaigns.ids
        )
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT c.journey_id, sum(c.cost)::float FROM (%s) c
                         JOIN (%s) a ON a.run_id = c.run_id GROUP BY 1""",
                    costs,
                    attempts,
                )
            )
        )

    @api.model
    def _campaign_row(self, campaign, figures, costs):
        found = {name: figures.get(name, 0) for name in FIGURES}
        return {
            "id": campaign.id,
            "name": campaign.name,
            "is_active": campaign.is_active,
            "paused": bool(campaign.paused_at),
            "currency_id": campaign.currency_id.id,
            "target_rate": campaign.target_rate,
            **found,
            "active": found["targeted"] - found["ended"],
            "rate": percent(found["won_back"], found["ended"]),
            "offer_cost": costs.get(campaign.id, 0),
        }

    @api.model
    def _totals(self, campaigns, rows):
        """Return the sums over campaigns, money in the current company's currency."""
        sums = {
            name: sum(row[name] for row in rows)
            for name in ("targeted", "active", "ended", "won_back")
        }
        companies = {c.id: c.company_id.id for c in campaigns}
        for name in ("revenue", "offer_cost"):
            amounts = {}
            for row in rows:
                company = companies[row["id"]]
                amounts[company] = amounts.get(company, 0) + row[name]
            sums[name] = self.env["journey.figures"]._in_one_currency(amounts)
        return {
            **sums,
            "rate": percent(sums["won_back"], sums["ended"]),
            "net": sums["revenue"] - sums["offer_cost"],
        }

    @api.model
    def _by_month(self, campaigns, attempts):
        """Return a row per month in which attempts began, the first one first."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT date_trunc('month', a.started_at AT TIME ZONE 'UTC'
                           AT TIME ZONE coalesce(p.tz, 'UTC'))::date AS month,
                       a.company_id, %s
                  FROM (%s) a JOIN res_company c ON c.id = a.company_id
                  JOIN res_partner p ON p.id = c.partner_id
                 GROUP BY 1, 2 ORDER BY 1, 2
                """,
                SUMS,
                attempts,
            )
        )
        months = {}
        for row in rows:
            months.setdefault(row["month"], []).append(row)
        return [self._month_row(month, found) for month, found in months.items()]

    @api.model
    def _month_row(self, month, rows):
        sums = {
            name: sum(row[name] for row in rows)
            for name in ("targeted", "ended", "won_back")
        }
        amounts = {row["company_id"]: row["revenue"] for row in rows}
        return {
            "month": month.isoformat(),
            **sums,
            "rate": percent(sums["won_back"], sums["ended"]),
            "revenue": self.env["journey.figures"]._in_one_currency(amounts),
        }
