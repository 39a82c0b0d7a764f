from . import test_delivery
from . import test_enrolment
from . import test_goals
from . import test_lift
from . import test_rehearsal
from . import test_retention
from . import test_versions
from . import test_walk
