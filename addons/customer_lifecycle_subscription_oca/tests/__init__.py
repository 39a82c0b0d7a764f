from . import test_subscription_events
from . import test_subscription_facts
from . import test_subscription_history
from . import test_subscription_renewals
from . import test_subscription_stages
from . import test_subscription_trials
