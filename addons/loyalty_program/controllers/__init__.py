from . import card_history, dashboard_export
from . import loyalty_portal, loyalty_redeem, loyalty_transfer, referral
