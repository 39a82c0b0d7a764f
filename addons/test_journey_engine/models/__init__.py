from . import test_journey
from . import test_journey_run
from . import test_journey_step
from . import test_postcard
