from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named
from odoo.addons.html_editor.tools import get_video_embed_code, get_video_source_data


class OnboardingContent(models.Model):
    """A tutorial: a page of the portal, edited with the website's own editor."""

    _name = "onboarding.content"
    _description = "Tutorial"
    _rec_name = "title"
    _order = "title, id"

    title = fields.Char(required=True, translate=True)
    body = fields.Html(translate=True, sanitize_overridable=True)
    video = fields.Char(
        help="Address of a video on YouTube, Vimeo, Dailymotion or the like."
    )
    video_code = fields.Html(compute="_compute_video_code", sanitize=False)
    estimated_seconds = fields.Integer(
        "Takes (seconds)",
        default=60,
        help="Who has looked at it for so long has done the step; 0: only the button "
        "says so.",
    )
    estimated_minutes = fields.Integer(compute="_compute_estimated_minutes")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    website_url = fields.Char("Page", compute="_compute_website_url")

    @api.depends("video")
    def _compute_video_code(self):
        for content in self:
            content.video_code = content.video and get_video_embed_code(content.video)

    @api.depends("estimated_seconds")
    def _compute_estimated_minutes(self):
        for content in self:
            content.estimated_minutes = max(round(content.estimated_seconds / 60), 1)

    def _compute_website_url(self):
        for content in self:
            content.website_url = f"/onboarding/content/{content.id}"

    @api.constrains("estimated_seconds")
    def _check_estimated_seconds(self):
        for content in self:
            check_range(content, "estimated_seconds", 0, 24 * 3600)

    @api.constrains("video")
    def _check_video(self):
        for content in self.filtered("video"):
            if not get_video_source_data(content.video):
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are addresses of "
                        "videos on YouTube, Vimeo, Dailymotion, Instagram or Facebook.",
                        name=named(content, "video"),
                        value=repr(content.video)[:200],
                    )
                )

    def _is_empty(self):
        return is_html_empty(self.body) and not self.video

    def action_open_page(self):
        """Open the page, to look at it or to edit it with the website's editor."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.env["website"].get_client_action_url(self.website_url)
            if self.env.user.has_group("website.group_website_restricted_editor")
            else self.website_url,
            "target": "self",
        }
