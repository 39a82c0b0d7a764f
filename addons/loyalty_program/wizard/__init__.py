from . import loyalty_card_update_balance
from . import loyalty_generate_wizard
from . import base_partner_merge
from . import loyalty_adjustment
from . import loyalty_review
from . import sale_loyalty_reward_wizard
