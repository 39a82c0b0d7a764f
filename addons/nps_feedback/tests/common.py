from datetime import timedelta

from odoo.tests import freeze_time

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tests.quiet_shop import QuietShopCommon


class FeedbackCommon(QuietShopCommon):
    """A shop with a clock that the tests set, and surveys of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.surveys = cls.env["nps.survey"]
        cls.invitations = cls.env["nps.invitation"].sudo()
        cls.responses = cls.env["nps.response"].sudo()
        cls.cases = cls.env["nps.case"].sudo()
        cls.feedback = cls.env["nps.service"]
        cls.links = cls.env["nps.link"]

    @classmethod
    def _survey(
        cls, trigger_type="post_order", config=None, start=True, usual=False, **values
    ):
        """A survey for everybody; or for whom a new one is."""
        number = next(cls.numbers)
        survey = cls.surveys.create(
            {
                "name": f"Survey {number}",
                "code": f"survey_{number}",
                "company_id": cls.shop.id,
                "trigger_type": trigger_type,
                **({} if config is None else {"trigger_config": config}),
                **({} if usual else {"target_domain": "[]"}),
                **values,
            }
        )
        return cls._started(survey, start)

    @classmethod
    def _seller(cls, **values):
        return cls._user_of(
            cls.shop,
            f"seller{next(cls.numbers)}",
            "sales_team.group_sale_salesman",
            **values,
        )

    @classmethod
    def _buys(cls, person, hours=0, amount=10.0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            order = cls._order(person, moment, amount, cls.shop)
            cls._dispatch()
        return order

    @classmethod
    def _happens(cls, person, event_type, **values):
        cls.events.sudo()._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": cls.shop.id,
                    "event_type": event_type,
                    "event_key": f"{event_type}:{next(cls.numbers)}",
                    "occurred_at": NOON,
                    **values,
                }
            ]
        )
        with freeze_time(NOON):
            cls._dispatch()

    @classmethod
    def _asks(cls, survey, person, now=NOON, **about):
        """An invitation of a person, as the service makes it."""
        with freeze_time(now):
            found = cls.feedback.send_survey(survey.code, person.id, about)
        return cls.invitations.browse(found["invitation_id"] or ())

    @classmethod
    def _answers(cls, invitation, score, comment=None, now=NOON, service=None):
        """The customer answers; what follows from it happens at once."""
        with freeze_time(now):
            service = service or cls.feedback
            found = service.submit_response(cls._token(invitation), score, comment)
            cls._dispatch()
        return cls.responses.browse(found["response_id"])

    @classmethod
    def _token(cls, invitation):
        return cls.links._token(invitation)

    @classmethod
    def _process(cls, hours=0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            return cls.env["journey.scheduler"].process_due(moment)

    @classmethod
    def _log(cls, invitation):
        """What was sent, and why not: (step, state, reason)."""
        found = cls.env["journey.delivery"].search(
            [("run_model", "=", "nps.invitation"), ("run_id", "in", invitation.ids)],
            order="id",
        )
        return [(d.step_code, d.state, d.reason) for d in found]

    @classmethod
    def _of(cls, survey, *people):
        domain = [("survey_id", "=", survey.id)]
        if people:
            domain.append(("customer_id", "in", [p.id for p in people]))
        return cls.invitations.search(domain, order="id")
