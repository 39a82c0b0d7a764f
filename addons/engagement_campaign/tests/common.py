from datetime import timedelta
from unittest import SkipTest

from odoo.tests import freeze_time

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tests.quiet_shop import QuietShopCommon


class CampaignCommon(QuietShopCommon):
    """A shop with a clock that the tests set, and campaigns of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "engagement.campaign" not in cls.env:
            # Bridges use this class where campaigns may be missing.
            raise SkipTest("needs the addon engagement_campaign")
        cls.campaigns = cls.env["engagement.campaign"]
        cls.enrollments = cls.env["campaign.enrollment"]
        cls.service = cls.env["engagement.service"]
        cls.template = cls._template()

    @classmethod
    def _campaign(cls, config=None, start=True, hours=(0,), **values):
        number = next(cls.numbers)
        campaign = cls.campaigns.create(
            {
                "name": f"Campaign {number}",
                "code": f"campaign_{number}",
                "company_id": cls.shop.id,
                "trigger_config": config or {"trigger_type": "segment"},
                "email_sequence": [
                    {"step": i, "delay_hours": h, "template_id": cls.template.id}
                    for i, h in enumerate(hours, 1)
                ],
                **values,
            }
        )
        return cls._started(campaign, start)

    @classmethod
    def _buys(cls, person, hours=1, amount=10.0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            return cls._order(person, moment, amount, cls.shop)

    @classmethod
    def _move(cls, people, stage):
        """Move customers to a stage, as the engine tells of it."""
        cls.env.flush_all()
        transitions = []
        for person in people:
            row = cls._row(person, cls.shop)
            transitions.append(
                {
                    "history_id": False,
                    "lifecycle_id": row.id,
                    "customer_id": person.id,
                    "company_id": cls.shop.id,
                    "from_stage": row.current_stage,
                    "to_stage": stage,
                    "trigger_type": "automatic",
                }
            )
            row.current_stage = stage
        with freeze_time(NOON):
            cls.lifecycle._on_stage_changed(transitions)

    @classmethod
    def _happens(cls, person, event_type, key=None, at=NOON, **values):
        cls.events.sudo()._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": cls.shop.id,
                    "event_type": event_type,
                    "event_key": key or f"{event_type}:{next(cls.numbers)}",
                    "occurred_at": at,
                    **values,
                }
            ]
        )

    @classmethod
    def _hand_out(cls, at=NOON):
        with freeze_time(at):
            cls._dispatch()

    @classmethod
    def _of(cls, campaign, *people):
        domain = [("campaign_id", "=", campaign.id)]
        if people:
            domain.append(("customer_id", "in", [p.id for p in people]))
        return cls.enrollments.search(domain, order="id")

    @classmethod
    def _process(cls, hours=0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            return cls.scheduler.process_due(moment)

    @classmethod
    def _log(cls, enrollments):
        found = cls.deliveries.search(
            [
                ("run_model", "=", "campaign.enrollment"),
                ("run_id", "in", enrollments.ids),
            ],
            order="id",
        )
        return [(d.step_code, d.state, d.reason) for d in found]

    @classmethod
    def _offer(cls, **values):
        return cls.env["journey.offer"].create(
            {
                "name": f"Offer {next(cls.numbers)}",
                "company_id": cls.shop.id,
                "value": 10,
                **values,
            }
        )

    @classmethod
    def _read(cls, record, name):
        """What an integrator reads."""
        return record.read([name])[0][name]
