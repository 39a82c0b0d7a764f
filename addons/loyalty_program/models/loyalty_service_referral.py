from odoo import api, fields, models


class LoyaltyServiceReferral(models.AbstractModel):
    """What other systems may know of a customer's invitations."""

    _name = "loyalty.service.referral"
    _description = "Loyalty Service: referrals"

    @api.model
    def get_referrals(self, customer_id):
        """Return a member's code, link and invitations, in the company's program; of
        several, in the first one that has this customer as a member.

        :param int customer_id: id of a partner, the exact contact
        :return: dict with code and link (False for no member), count (rewarded ones),
            and referrals: list of dicts with id, friend_id, state, joined_at,
            rewarded_at, points, friend_points and reason, the newest first
        :raises ValidationError: unknown customer, or no program with accounts
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        customer = self._customer(customer_id)
        accounts = self.env["customer.loyalty"].sudo()
        account = accounts._account_of(self._program(None, customer), customer)
        return {
            "code": account.referral_code,
            "link": account._referral_link() if account else False,
            "count": account.referral_count,
            "referrals": [self._referral(row) for row in account.referral_ids],
        }

    def _referral(self, row):
        return {
            "id": row.id,
            "friend_id": row.friend_id.id,
            "state": row.state,
            "joined_at": fields.Datetime.to_string(row.joined_at),
            "rewarded_at": fields.Datetime.to_string(row.rewarded_at) or False,
            "points": row.points,
            "friend_points": row.friend_points,
            "reason": row.reason or "",
        }
