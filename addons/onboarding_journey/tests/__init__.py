from . import test_journey_json
from . import test_onboarding_security
from . import test_onboarding_service
from . import test_onboarding_start
from . import test_onboarding_statistics
from . import test_onboarding_walk
from . import test_onboarding_pages
from . import test_portal
