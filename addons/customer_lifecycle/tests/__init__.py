from . import test_dispatch
from . import test_events
from . import test_future_orders
from . import test_lifecycle_import
from . import test_lifecycle_tours
from . import test_membership
from . import test_time_zone
