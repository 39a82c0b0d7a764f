from . import onboarding_portal
