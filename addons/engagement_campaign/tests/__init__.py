from . import test_conversions
from . import test_events
from . import test_exchange
from . import test_json
from . import test_service
from . import test_statistics
from . import test_triggers
