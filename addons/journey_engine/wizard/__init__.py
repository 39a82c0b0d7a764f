from . import journey_dry_run
from . import journey_dry_run_line
from . import journey_test_run
from . import journey_test_run_line
