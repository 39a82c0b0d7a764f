"""A clock that stands still until it is moved: Python's and the database's alike."""

from datetime import UTC

from freezegun import freeze_time

SETTING = "customer_lifecycle_suite.clock"


class FrozenClock:
    """Within it, what asks for the time is told the moment that was set last.

    Python asks freezegun. SQL says ``now()``, which ``pg_catalog`` answers unless
    another schema comes before it: for this connection, that is ``public`` with a
    function of its own. Both are gone afterwards.
    """

    def __init__(self, cr, moment):
        self.cr = cr
        self.moment = moment
        self._freezer = freeze_time(moment)

    def __enter__(self):
        self._time = self._freezer.start()
        self.cr.execute(
            """
            CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz
            LANGUAGE sql STABLE AS $$
                SELECT coalesce(nullif(current_setting(
                    'customer_lifecycle_suite.clock', TRUE), '')::timestamptz,
                    pg_catalog.now()) $$
            """
        )
        self._set("search_path", "public, pg_catalog")
        self.move_to(self.moment)
        return self

    def __exit__(self, *_error):
        self._freezer.stop()
        self.cr.rollback()
        self._set("search_path", '"$user", public')
        self._set(SETTING, "")
        self.cr.execute("DROP FUNCTION IF EXISTS public.now()")
        self._keep()

    def move_to(self, moment):
        """Set the time, and keep what was done until then. Commits.

        :param datetime moment: naive UTC
        """
        self.moment = moment
        self._time.move_to(moment)
        self._set(SETTING, moment.replace(tzinfo=UTC).isoformat())
        self._keep()

    def _set(self, name, value):
        self.cr.execute("SELECT set_config(%s, %s, FALSE)", [name, value])

    def _keep(self):
        # A setting of an undone transaction is undone with it.
        self.cr.commit()  # pylint: disable=invalid-commit
        self.cr._now = None
