from . import dashboard_export
from . import onboarding_portal
