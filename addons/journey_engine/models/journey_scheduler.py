import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.item import Item

_logger = logging.getLogger(__name__)

BATCH = 1000
# No condition may take longer over one batch.
CONDITION_MS = 30_000


class JourneyScheduler(models.AbstractModel):
    """Takes the runs that are due and walks them one step further.

    A batch is one transaction: what was decided, what was queued for sending and where
    the runs stand now. Killed at any moment it has happened whole or not at all.
    """

    _name = "journey.scheduler"
    _description = "Journey Scheduler"
    _inherit = ["journey.scheduler.outcome", "journey.scheduler.jobs"]

    @api.private
    @api.model
    def process_due(self, now=None, limit=None):
        """Process the due runs of every journey, by priority, then by due time.

        Never commits; ``_cron_process_due`` does, batch by batch.

        :param now: naive UTC datetime; the current time by default
        :param int limit: at most so many runs
        :return: number of runs processed
        """
        now = now or fields.Datetime.now()
        done = 0
        for company in self._companies():
            scheduler = self.with_company(company)
            while limit is None or done < limit:
                size = min(BATCH, limit - done) if limit else BATCH
                count = scheduler._process_batch(now, size)
                done += count
                if not count:
                    break
        return done

    @api.model
    def _process_batch(self, now, limit=BATCH, shard=None):
        """Process one batch of the current company's due runs; return how many.

        :param datetime now: naive UTC
        :param tuple shard: (number, of how many) keeps to a share of the customers
        """
        items = self._take(now, limit, shard)
        if items:
            self._settle(items, now)
            self._record(items, now)
        return len(items)

    @api.model
    def _settle(self, items, now):
        """Find out what becomes of each item, and put messages into their queues."""
        self._settle_ended(items, now)
        for step, due in self._by_step(items):
            self._settle_step(step, due, now)
        messages = [item for item in items if item.is_message]
        self._ask_policy(messages, now)
        self._deliver([item for item in messages if item.is_message], now)

    @api.model
    def _by_step(self, items):
        """Yield (step, its items) of those whose fate is open."""
        groups = {}
        for item in items:
            if not item.is_settled:
                groups.setdefault(item.step, []).append(item)
        return groups.items()

    @api.model
    def _settle_step(self, step, items, now):
        """Ask the condition, then let the kind of step do its work."""
        mine = [item for item in items if step.split in (False, None, item.variant)]
        try:
            with self.env.cr.savepoint():
                mine = self._meet_condition(step, mine)
                if mine:
                    getattr(step, f"_run_{step.kind}")(mine, now)
        except self._retried_errors():
            raise
        except Exception as error:
            _logger.warning("Step %s failed", step.code, exc_info=True)
            self._fail(mine, error, now)

    @api.model
    def _meet_condition(self, step, items):
        """Skip the items whose customer does not match; return the others."""
        if not step.condition or not items:
            return items
        domain = step._parse_domain("condition", step.condition, "customer.lifecycle")
        matching = self._matching(domain, items)
        for item in items:
            if item.customer_id not in matching:
                item.skip("condition")
        return [item for item in items if item.customer_id in matching]

    @api.model
    def _matching(self, domain, items):
        """Return the ids of the customers of ``items`` whose lifecycle matches."""
        rows = self.env["customer.lifecycle"].sudo()
        among = [
            ("company_id", "=", self.env.company.id),
            ("customer_id", "in", [item.customer_id for item in items]),
        ]
        with self._bounded():
            return set(rows.search(domain & Domain(among)).customer_id.ids)

    @contextmanager
    def _bounded(self):
        """Break off a condition that takes too long, instead of holding up everybody.

        The caller's savepoint takes the bound back if it is hit.
        """
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL statement_timeout = %s", [CONDITION_MS])
        yield
        self.env.cr.execute("SET LOCAL statement_timeout TO DEFAULT")

    # ------------------------------------------------------------------------ take
    @api.model
    def _run_models(self):
        """Return the names of the concrete models of runs."""
        names = self.env.registry.descendants(["journey.run.mixin"], "_inherit")
        return sorted(name for name in names if not self.env.registry[name]._abstract)

    @api.model
    def _definition_model(self, run_model):
        return self.env[run_model]._fields["definition_id"].comodel_name

    @api.model
    def _active_definitions(self):
        """Return {run model: switched-on definitions of the current company}."""
        found = {}
        for run_model in self._run_models():
            model = self.env[self._definition_model(run_model)].sudo()
            domain = [
                ("is_active", "=", True),
                ("company_id", "=", self.env.company.id),
            ]
            found[run_model] = model.search(domain)
        return found

    @api.model
    def _take(self, now, limit, shard):
        """Lock the most urgent due runs that nobody else works on; return Items."""
        self.env.flush_all()
        definitions = {m: d for m, d in self._active_definitions().items() if d}
        if not definitions:
            return []
        rows = self.env.execute_query(self._due_query(definitions, now, limit, shard))
        items = []
        for model in dict.fromkeys(row[0] for row in rows):
            ids = [number for name, number, *_order in rows if name == model]
            items += self._lock(model, ids, now)
        order = {(model, number): i for i, (model, number, *_o) in enumerate(rows)}
        return sorted(items, key=lambda item: order[item.model, item.run_id])

    def _due_query(self, definitions, now, limit, shard):
        """Query of (model, id) by priority, then due time.

        One look at an index per definition, however many runs are due.
        """
        own = SQL("TRUE")
        if shard:
            own = SQL("mod(r.customer_id, %s) = %s", shard[1], shard[0])
        parts = [
            SQL(
                """
                SELECT %(model)s AS model, c.id, d.priority, c.next_step_at
                  FROM unnest(%(ids)s, %(priorities)s) d (id, priority)
                  CROSS JOIN LATERAL (
                    SELECT r.id, r.next_step_at FROM %(table)s r
                     WHERE r.definition_id = d.id AND r.run_state = 'running'
                       AND r.next_step_at <= %(now)s AND %(own)s
                     ORDER BY r.next_step_at LIMIT %(limit)s) c
                """,
                model=model,
                ids=found.ids,
                priorities=found.mapped("priority"),
                table=SQL.identifier(self.env[model]._table),
                now=now,
                own=own,
                limit=limit,
            )
            for model, found in definitions.items()
        ]
        return SQL(
            "SELECT * FROM (%s) due ORDER BY priority DESC, next_step_at, id LIMIT %s",
            SQL(" UNION ALL ").join(parts),
            limit,
        )

    def _lock(self, model, ids, now):
        """Lock runs, passing over those that others hold; return their Items."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT r.id, r.customer_id, r.addressee_id, r.definition_id, r.step_id,
                       r.started_at, r.anchor_at,
                       coalesce(r.step_due_at, r.next_step_at) AS due_at,
                       coalesce(r.is_holdout, FALSE) AS is_holdout, r.variant,
                       r.attempts, r.steps_completed
                  FROM %s r WHERE r.id = ANY(%s) AND r.run_state = 'running'
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                SQL.identifier(self.env[model]._table),
                ids,
            )
        )
        definitions = self.env[self._definition_model(model)].sudo()
        steps = self.env[definitions._step_model].sudo()
        definitions = definitions.browse({row["definition_id"] for row in rows})
        steps = steps.browse({row["step_id"] for row in rows})
        return [
            Item(
                model=model,
                run_id=row.pop("id"),
                addressee_id=row.pop("addressee_id") or row["customer_id"],
                definition=definitions.browse(row.pop("definition_id")),
                step=steps.browse(row.pop("step_id")),
                **row,
            )
            for row in rows
        ]

    @api.model
    def _fail(self, items, error, now):
        """Note an error for items whose step could not be done."""
        for item in items:
            item.fail(error, now)
