from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.journey_engine.models.journey_offer_issue import YEAR
from odoo.addons.journey_engine.tools.offer_codes import allot

BONUS = "bonus_points"
MOST = 10**6


class JourneyOffer(models.Model):
    """Offers that give points at once, instead of a code for later."""

    _inherit = "journey.offer"

    offer_type = fields.Selection(
        selection_add=[(BONUS, "Bonus points")], ondelete={BONUS: "cascade"}
    )
    points_program_id = fields.Many2one(
        "loyalty.program",
        "Loyalty program",
        check_company=True,
        ondelete="restrict",
        domain=[("accounts_since", "!=", False)],
        help="Whose points are given. Customers who are no members yet join, where "
        "the program lets them.",
    )
    bonus_ids = fields.One2many("journey.bonus", "offer_id", readonly=True)

    @api.constrains("offer_type", "value", "points_program_id", "company_id")
    def _check_bonus(self):
        for offer in self.filtered(lambda o: o.offer_type == BONUS):
            if not 1 <= offer.value <= MOST or offer.value != int(offer.value):
                raise ValidationError(
                    self.env._(
                        "Value: bonus points are whole, from 1 to %(most)s.", most=MOST
                    )
                )
            if not offer.sudo().points_program_id.accounts_since:
                raise ValidationError(
                    self.env._(
                        "Loyalty program: bonus points need a program that keeps "
                        "accounts."
                    )
                )

    def _is_bonus(self):
        return self.offer_type == BONUS

    def _sync_program(self):
        """Points need no program of codes."""
        codes = self.filtered(lambda offer: not offer._is_bonus())
        return super(JourneyOffer, codes)._sync_program()

    def _breaks_promise(self, vals):
        program = vals.get("points_program_id", self.points_program_id.id)
        moved = program != self.points_program_id.id and self.issued_count > 0
        return moved or super()._breaks_promise(vals)

    # ------------------------------------------------------------------------- give
    def _give_points(self, items, now):
        """Credit each item's customer, once per run, however many steps offer it.

        :param items: ``Item`` of one step that is about to go out
        :param datetime now: naive UTC
        :return: {run id: points that its customer has of the journey, now or since an
            earlier step}, {run id: why there are none}
        """
        offer = self.sudo()
        given = offer._points_given(items)
        fresh = [item for item in items if item.run_id not in given]
        program = offer.points_program_id
        if not (offer.active and program._runs()):
            return given, {item.run_id: "offer_expired" for item in fresh}
        if fresh and offer._is_bounded():
            offer._take_turn()
        customers = offer._customers_of(fresh)
        accounts = offer._bonus_accounts(set(customers.values()), now)
        members = {run: who for run, who in customers.items() if who in accounts}
        chosen, refusals = allot(
            members,
            offer._issued_within_year(set(members.values()), now),
            offer.customer_limit_per_year,
            offer._room(now),
        )
        by_run = {item.run_id: item for item in fresh}
        offer._give([(by_run[run], accounts[customers[run]]) for run in chosen], now)
        given |= dict.fromkeys(chosen, offer.value)
        strangers = customers.keys() - members.keys()
        return given, refusals | dict.fromkeys(strangers, "offer_no_member")

    def _customers_of(self, items):
        """Return {run id: id of the contact who is written to, whose account it is}."""
        people = self.env["journey.channel"]._addressees(items)
        return {
            item.run_id: person.id for item, person in zip(items, people, strict=True)
        }

    def _points_given(self, items):
        """Return {run id: points that the journey gave already}, of whatever offer."""
        found = self.env["journey.bonus"].search(
            [
                ("journey_model", "=", items[0].definition._name),
                ("journey_id", "=", items[0].definition.id),
                ("journey_run_id", "in", [item.run_id for item in items]),
            ]
        )
        return {bonus.journey_run_id: bonus.points for bonus in found}

    def _bonus_accounts(self, customers, now):
        """Return {customer id: account}; who is no member joins, where that is free."""
        accounts = self.env["customer.loyalty"]
        program = self.points_program_id
        domain = [
            ("program_id", "=", program.id),
            ("customer_id", "in", list(customers)),
        ]
        found = {account.customer_id.id: account for account in accounts.search(domain)}
        if program.is_open:
            strangers = self.env["res.partner"].browse(customers - found.keys())
            joined = accounts._enroll_many(
                program, strangers.filtered("active").ids, now
            )
            found |= {account.customer_id.id: account for account in joined}
        return found

    def _give(self, gifts, now):
        """Credit accounts, set-based, and note for which journey.

        Gifts of the shop trip no limit: nobody earns them by doing anything.

        :param list gifts: (``Item``, ``customer.loyalty``)
        """
        if not gifts:
            return
        wanted = SQL(
            """
            SELECT loyalty_id, %(points)s::numeric AS points,
                   'journey.offer' AS source_type, %(offer)s AS source_id,
                   %(name)s AS description, key, %(now)s::timestamp AS issued_at,
                   %(expires)s::timestamp AS expires_at
              FROM unnest(%(accounts)s, %(keys)s) g (loyalty_id, key)
            """,
            points=self.value,
            offer=self.id,
            name=self.name,
            now=now,
            expires=self.points_program_id._expiry(now),
            accounts=[account.id for _item, account in gifts],
            keys=[f"journey:{item.model}:{item.run_id}" for item, _account in gifts],
        )
        self.env["loyalty.ledger"]._earn_batch(wanted, now)
        worth = self._cost_bonus_points(now)
        self.env["journey.bonus"].create(
            [self._bonus_values(item, account, worth, now) for item, account in gifts]
        )

    def _bonus_values(self, item, account, worth, now):
        return {
            "offer_id": self.id,
            "loyalty_id": account.id,
            "journey_model": item.definition._name,
            "journey_id": item.definition.id,
            "journey_run_id": item.run_id,
            "step_code": item.step.code,
            "points": self.value,
            "worth": worth,
            "given_at": now,
        }

    def _show_on(self, item, today):
        if not self._is_bonus():
            return super()._show_on(item, today)
        item.gift = self.value
        return None

    # ---------------------------------------------------------------------- results
    def _cost_bonus_points(self, now):
        """Return what one customer's points are worth in the company's currency."""
        program = self.points_program_id
        worth = self.value * program._point_value()
        return program.currency_id._convert(
            worth, self.currency_id, self.company_id, now.date()
        )

    @api.depends("program_id", "bonus_ids.worth")
    def _compute_results(self):
        """Points have been given when they are issued, whatever is bought with them."""
        bonus = self.filtered(lambda offer: offer._is_bonus())
        result = super(JourneyOffer, self - bonus)._compute_results()
        given = bonus._given()
        for offer in bonus:
            count, worth = given.get(offer.id, (0, 0.0))
            offer.issued_count, offer.cost = count, worth
            offer.redeemed_count, offer.revenue = 0, 0.0
        return result

    def _given(self):
        """Return {offer id: (how often, worth)}."""
        rows = (
            self.env["journey.bonus"]
            .sudo()
            ._read_group(
                [("offer_id", "in", self.ids)], ["offer_id"], ["__count", "worth:sum"]
            )
        )
        return {offer.id: (count, worth) for offer, count, worth in rows}

    @api.model
    def _costs_query(self, model, journeys):
        return SQL(
            """%s UNION ALL
            SELECT journey_id, journey_run_id, worth FROM journey_bonus
             WHERE journey_model = %s AND journey_id = ANY(%s)""",
            super()._costs_query(model, journeys),
            model,
            list(journeys),
        )

    def _issued(self):
        if not (len(self) == 1 and self._is_bonus()):
            return super()._issued()
        count, _worth = self._given().get(self.id, (0, 0.0))
        return {self.program_id.id: count}

    def _committed(self, now):
        if not self._is_bonus():
            return super()._committed(now)
        return self._given().get(self.id, (0, 0.0))[1]

    def _issued_within_year(self, customers, now):
        if not self._is_bonus() or not self.customer_limit_per_year:
            return super()._issued_within_year(customers, now)
        rows = self.env["journey.bonus"]._read_group(
            [
                ("offer_id", "=", self.id),
                ("given_at", ">", now - YEAR),
                ("loyalty_id.customer_id", "in", list(customers)),
            ],
            ["loyalty_id"],
            ["__count"],
        )
        return {account.customer_id.id: count for account, count in rows}

    # ------------------------------------------------------------------------- JSON
    @api.model
    def _config_keys(self):
        return (*super()._config_keys(), "program_code")

    @api.model
    def _config_values(self, reader):
        values = super()._config_values(reader)
        code = reader.text("program_code", "")
        if values["offer_type"] == BONUS:
            program = self.env["loyalty.service"]._program(code or None)
            values["points_program_id"] = program.id
        return values

    def _as_config(self):
        found = super()._as_config()
        if self and self._is_bonus() and self.sudo().points_program_id.code:
            found["program_code"] = self.sudo().points_program_id.code
        return found

    # ---------------------------------------------------------------------- actions
    def action_view_bonuses(self):
        """Open the points that this offer gave."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bonus Points"),
            "res_model": "journey.bonus",
            "view_mode": "list",
            "domain": [("offer_id", "=", self.id)],
        }
