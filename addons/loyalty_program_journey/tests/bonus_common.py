class BonusCommon:
    """A program that keeps accounts, and offers of its points; mixed into a test case
    that has a shop.
    """

    @classmethod
    def _set_up_club(cls):
        cls.env["loyalty.program"].search([]).action_archive()
        cls.program = cls._club(cls.shop)

    @classmethod
    def _club(cls, company, **values):
        return cls.env["loyalty.program"].create(
            {
                "name": "Club",
                "code": f"club_{company.id}",
                "program_type": "loyalty",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "is_active": True,
                "earning_rules": [{"type": "purchase", "points_per_unit": 1}],
                "redemption_rules": [{"points": 100, "value": 10, "type": "discount"}],
                **values,
            }
        )

    @classmethod
    def _bonus(cls, **values):
        return cls.env["journey.offer"].create(
            {
                "name": "Twenty points",
                "offer_type": "bonus_points",
                "value": 20,
                "points_program_id": cls.program.id,
                "company_id": cls.shop.id,
                **values,
            }
        )

    @classmethod
    def _account(cls, customer):
        accounts = cls.env["customer.loyalty"].sudo()
        return accounts._account_of(cls.program, customer)

    def _assert_sound(self):
        self.env.invalidate_all()
        audit = self.env["loyalty.audit"]
        self.assertFalse(audit._differences(self.program.sudo().account_ids))
