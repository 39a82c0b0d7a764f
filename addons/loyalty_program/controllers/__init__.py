from . import dashboard_export
from . import loyalty_portal, loyalty_redeem, loyalty_transfer, referral
