import json

from odoo.http import Controller, content_disposition, request, route


class EngagementController(Controller):
    @route(
        "/engagement_campaign/export/<int:campaign_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export(self, campaign_id):
        """Download a campaign as JSON, for who may read it."""
        campaign = request.env["engagement.campaign"].search([("id", "=", campaign_id)])
        if not campaign:
            return request.not_found()
        text = json.dumps(campaign.export_json(), ensure_ascii=False, indent=2)
        headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Disposition", content_disposition(f"{campaign.code}.json")),
        ]
        return request.make_response(text, headers)
