from . import mass_mailing, preferences, unsubscribe
