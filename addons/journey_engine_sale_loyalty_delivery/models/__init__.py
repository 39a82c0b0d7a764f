from . import journey_offer
