from . import models


def post_init_hook(env):
    """Write the subscriptions so far as history: no news, nothing is sent."""
    env["lifecycle.engine"]._backfill_silently()


def uninstall_hook(env):
    """Forget the subscriptions: nobody would keep these facts true any more."""
    env.cr.execute(
        """
        UPDATE customer_lifecycle
           SET has_active_subscription = FALSE, subscription_count = 0,
               subscription_mrr = 0, last_renewal_date = NULL,
               first_subscription_date = NULL, facts_on = NULL,
               next_evaluation_date = NULL
         WHERE first_subscription_date IS NOT NULL OR last_renewal_date IS NOT NULL
            OR has_active_subscription
        """
    )
