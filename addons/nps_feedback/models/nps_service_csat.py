from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import CHANGE_HOURS, CONTEXT_KEYS, CSAT_SCORES


class NpsServiceCsat(models.AbstractModel):
    """How content customers are with single things."""

    _name = "nps.service.csat"
    _description = "Survey Service: satisfaction"

    @api.model
    def submit_csat(
        self, context_type, context_id, score, comment=None, customer_id=None
    ):
        """Record how content a customer is with one thing; a newer word replaces.

        Support requests have no record here, so nobody can make up any number of them:
        whoever speaks for oneself has one word on support within 24 hours, and what
        follows changes it, whatever the number.

        :param str context_type: order, delivery, support or product
        :param int context_id: id of the order, delivery (picking), product variant;
            of a support request whatever number it has
        :param int score: 1 to 5
        :param str comment: the customer's words; None keeps what was said
        :param int customer_id: id of a partner; the caller by default. Only marketers
            speak for others
        :return: dict with csat_id and result (recorded or changed)
        :raises ValidationError: unknown context, no such score, not the customer's
        :raises AccessError: somebody else's customer
        """
        self.env["contact.policy"]._check_choice(
            "context_type", context_type, CONTEXT_KEYS
        )
        responses = self.env["nps.response"]
        score = responses._check_score("score", score, CSAT_SCORES)
        comment = self._check_comment(comment)
        person = self._speaker(customer_id)
        company = self._context_company(
            context_type, context_id, person.commercial_partner_id
        )
        if person != self.env.user.partner_id and company not in self.env.companies:
            self._refuse_about("context_id", context_id, context_type)
        now = fields.Datetime.now()
        return self._rate(
            person, company, (context_type, context_id), score, comment, now
        )

    def _speaker(self, customer_id):
        """Return whose word it is."""
        own = self.env.user.partner_id
        if customer_id is None or customer_id is False:
            return own.sudo()
        (number,) = self.env["lifecycle.engine"]._check_ids(
            "customer_id", [customer_id]
        )
        if number == own.id:
            return own.sudo()
        self.env["lifecycle.engine"]._check_marketer()
        self.env["lifecycle.engine"]._check_customers("customer_id", [number])
        return self.env["res.partner"].browse(number).sudo()

    @api.model
    def _context_company(self, context_type, context_id, customer, name="context_id"):
        """Return the company of what is talked about, if the customer may.

        :raises ValidationError: it does not exist, or is somebody else's
        """
        (number,) = self.env["lifecycle.engine"]._check_ids(name, [context_id])
        found = self._context_record(context_type, number)
        owner = found.partner_id.commercial_partner_id if found else None
        if context_type == "support":
            return self.env.company
        if context_type == "product":
            order = self.env["sale.order.line"].sudo()
            domain = [
                ("product_id", "=", number),
                ("state", "=", "sale"),
                ("order_partner_id.commercial_partner_id", "=", customer.id),
            ]
            bought = order.search(domain, limit=1)
            if bought:
                return bought.company_id
        elif found and owner == customer:
            return found.company_id
        return self._refuse_about(name, number, context_type)

    def _refuse_about(self, name, number, kind):
        raise ValidationError(
            self.env._(
                "%(name)s: %(number)s is no %(kind)s of this customer.",
                name=name,
                number=number,
                kind=kind,
            )
        )

    def _context_record(self, context_type, number):
        names = {"order": "sale.order", "delivery": "stock.picking"}
        model = names.get(context_type)
        if model not in self.env:
            return None
        found = self.env[model].sudo().browse(number).exists()
        # Of a delivery the order says whose it is, whoever received the goods.
        if context_type == "delivery" and "sale_id" in found._fields:
            return found.sale_id or found
        return found

    def _rate(self, person, company, about, score, comment, now):
        csat = self.env["csat.response"].sudo()
        key = {
            "customer_id": person.commercial_partner_id.id,
            "company_id": company.id,
            "context_type": about[0],
            "context_id": about[1],
        }
        values = {"score": score, "addressee_id": person.id, "responded_at": now}
        if comment is not None:
            values["comment"] = comment
        known = csat.search([(name, "=", value) for name, value in key.items()])
        if not known and (known := self._word_of_today(key, person, now)):
            # Its hours count from the first word on.
            values |= {"context_id": about[1], "responded_at": known.responded_at}
        result = "changed" if known else "recorded"
        if known:
            self._check_own_word(known, person, about)
            known.write(values)
        else:
            # Two first words at once collide here, and the later one tries again.
            guard = f"csat:{key['customer_id']}:{company.id}"
            self.env["journey.guard"].sudo()._touch([guard], now)
            known = csat.create(key | values)
            self._tell_csat(known, now)
        rows = self.env["customer.lifecycle"].sudo()
        rows._touch([(key["customer_id"], company.id)])
        return {"csat_id": known.id, "result": result}

    def _check_own_word(self, known, person, about):
        """Refuse who speaks for oneself of what a colleague has rated: nobody's words
        become another's.
        """
        others = known.addressee_id - person
        if others and person == self.env.user.partner_id:
            self._refuse_about("context_id", about[1], about[0])

    def _word_of_today(self, key, person, now):
        """Return what a person who speaks for oneself said of support lately."""
        csat = self.env["csat.response"].sudo()
        if key["context_type"] != "support" or person != self.env.user.partner_id:
            return csat
        return csat.search(
            [
                *((n, "=", key[n]) for n in key if n != "context_id"),
                ("create_uid", "=", self.env.uid),
                ("responded_at", ">", now - timedelta(hours=CHANGE_HOURS)),
            ],
            limit=1,
        )

    def _tell_csat(self, csat, now):
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": csat.customer_id.id,
                    "company_id": csat.company_id.id,
                    "event_type": "csat_answered",
                    "event_key": f"csat_answered:{csat.id}",
                    "occurred_at": now,
                    "res_model": csat._name,
                    "res_id": csat.id,
                    "data": {"about": csat.context_type, "score": csat.score},
                }
            ]
        )
