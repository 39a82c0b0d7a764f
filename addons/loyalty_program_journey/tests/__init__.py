from . import test_bonus_points
from . import test_bonus_security
from . import test_campaign_cost
