from . import test_ledger
from . import test_merge
from . import test_occasions
from . import test_program_json
from . import test_random
from . import test_refunds
from . import test_service
from . import test_tiers
