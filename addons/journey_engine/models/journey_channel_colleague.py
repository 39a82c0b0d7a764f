from datetime import timedelta

from markupsafe import Markup

from odoo import fields, models


class JourneyChannelColleague(models.AbstractModel):
    """Channels that reach a colleague: a direct message, or an activity."""

    _inherit = "journey.channel"

    def _owners(self, step, items):
        """Return {run id: user} of those who have somebody in charge."""
        people = self._addressees(items)
        return {
            item.run_id: owner
            for item, person in zip(items, people, strict=True)
            if (owner := self._owner(step, person))
        }

    def _owner(self, step, person):
        """The colleague that the step names, else the customer's salesperson."""
        owner = step.owner_id or person.user_id or person.commercial_partner_id.user_id
        return owner.filtered(lambda user: user.active and not user.share)

    def _owned(self, step, items):
        """Yield (item, owner); an item that nobody is in charge of is skipped."""
        owners = self._owners(step, items)
        for item in items:
            if item.run_id in owners:
                yield item, owners[item.run_id]
            else:
                item.skip("no_owner")

    def _deliver_internal(self, step, items, now):
        notes = self.env["journey.renderer"]._render_notes(step, items)
        bot = self.env.ref("base.user_root")
        customers = self.env["res.partner"].sudo()
        everybody = [item.customer_id for item in items]
        cards = {}
        for item, owner in self._owned(step, items):
            customer = customers.browse(item.customer_id).with_prefetch(everybody)
            card = self._card(customer, *notes[item.run_id])
            cards.setdefault(owner, []).append(card)
            item.send("sent")
        # One message per colleague and batch, however many customers.
        for owner, mine in cards.items():
            self._chat(bot, owner).sudo().message_post(
                body=Markup().join(mine),
                author_id=bot.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def _chat(self, sender, owner):
        channels = self.env["discuss.channel"].with_user(sender)
        return channels._get_or_create_chat([owner.partner_id.id])

    def _card(self, customer, title, text):
        """Return a message with a link to the customer."""
        return Markup("<p><b>%s</b><br/>%s</p><p>%s %s</p>") % (
            title,
            text,
            customer._get_html_link(),
            customer.phone or customer.email or "",
        )

    def _deliver_activity(self, step, items, now):
        notes = self.env["journey.renderer"]._render_notes(step, items)
        kind = step.activity_type_id or self.env.ref("mail.mail_activity_data_todo")
        model = self.env["ir.model"]._get_id("res.partner")
        deadline = fields.Date.to_date(now) + timedelta(days=step.deadline_days)
        wanted = []
        for item, owner in self._owned(step, items):
            title, text = notes[item.run_id]
            wanted.append(
                {
                    "res_model_id": model,
                    "res_id": item.customer_id,
                    "activity_type_id": kind.id,
                    "summary": title,
                    "note": Markup("<p>%s</p>") % text,
                    "date_deadline": deadline,
                    "user_id": owner.id,
                }
            )
            item.send("sent")
        # No mail to the assignee for each: the list of activities tells.
        quick = self.env["mail.activity"].sudo()
        quick.with_context(mail_activity_quick_update=True).create(wanted)
