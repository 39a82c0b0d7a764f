from . import test_quiet_hours
from . import test_month
from . import test_contact_policy
from . import test_preference_service
from . import test_ledger
from . import test_preference_security
from . import test_unsubscribe
from . import test_preference_portal
