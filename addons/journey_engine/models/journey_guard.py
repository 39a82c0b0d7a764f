from odoo import api, fields, models


class JourneyGuard(models.Model):
    """Makes two who write to one customer or one address at the same time collide.

    Caps are read in the batch's own snapshot. Two workers who meet at a customer, or
    at an address that customers share, would each not see the other's messages; by
    both writing this row one of them fails to serialise, and decides again. Other
    addons guard what is to be there once with keys of their own.
    """

    _name = "journey.guard"
    _description = "Guard of Frequency Caps"
    _log_access = False

    guarded = fields.Char(required=True, readonly=True)
    touched_at = fields.Datetime(required=True, readonly=True)

    _guarded_uniq = models.UniqueIndex("(guarded)")

    @api.model
    def _touch(self, keys, now):
        """Write the rows of ``keys``, in an order that knows no deadlock.

        :param keys: texts, such as one per customer and address
        :param datetime now: naive UTC
        """
        self.env.cr.execute(
            """
            INSERT INTO journey_guard (guarded, touched_at)
            SELECT key, %s FROM unnest(%s) key
            ON CONFLICT (guarded) DO UPDATE SET touched_at = excluded.touched_at
            """,
            [now, sorted(set(keys))],
        )

    @api.autovacuum
    def _gc_guards(self):
        """Forget who was not written to lately: no batch lasts that long."""
        self.env.cr.execute(
            """
            WITH aged AS MATERIALIZED (
                SELECT id FROM journey_guard
                 WHERE touched_at < now() AT TIME ZONE 'UTC' - interval '2 days'
                 LIMIT 50000 FOR UPDATE SKIP LOCKED)
            DELETE FROM journey_guard g USING aged WHERE g.id = aged.id
            """
        )
        return self.env.cr.rowcount, self.env.cr.rowcount == 50_000
