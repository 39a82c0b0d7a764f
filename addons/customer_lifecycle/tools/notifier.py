"""Telling the cron workers that there is work, without a checkout waiting for it."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

_logger = logging.getLogger(__name__)
# NOTIFY needs a connection to another database and so takes as long as a quarter of
# a whole order confirmation. Its thread starts with the first use, after a fork.
_executor = ThreadPoolExecutor(1, thread_name_prefix="customer_lifecycle.notifier")
# Long enough to leave the processor to the request, and to speak once for a burst.
PAUSE = 0.1  # seconds
_asked = set()


def notify_soon(crons):
    """Wake the cron workers of the database of ``crons`` (ir.cron) very soon.

    Nothing depends on it: who is not woken looks at the next regular time.
    """
    name = crons.env.cr.dbname
    if name in _asked:
        return
    _asked.add(name)
    try:
        _executor.submit(_notify, name, crons)
    except RuntimeError:
        _asked.discard(name)
        _logger.info("Shutting down, cron workers are not woken")


def _notify(name, crons):
    time.sleep(PAUSE)
    # First: who asks from now on may have committed after the workers looked.
    _asked.discard(name)
    try:
        crons._notifydb()
    except Exception:
        _logger.warning("Could not wake the cron workers", exc_info=True)
