from . import sale_subscription
from . import sale_subscription_template
from . import account_move
from . import sale_order
from . import lifecycle_facts
from . import lifecycle_event
from . import lifecycle_policy
from . import customer_lifecycle
