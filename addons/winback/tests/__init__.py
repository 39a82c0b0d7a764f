from . import test_winback_attempt
from . import test_winback_export
from . import test_winback_json
from . import test_winback_security
from . import test_winback_statistics
from . import test_winback_targeting
from . import test_winback_pages
from . import test_winback_tours
