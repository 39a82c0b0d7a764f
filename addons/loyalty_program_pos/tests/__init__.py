from . import test_till_points
from . import test_till_refunds
from . import test_till_tour
from . import test_till_roles
from . import test_till_terms
from . import test_till_merges
from . import test_till_referrals
from . import test_till_office
