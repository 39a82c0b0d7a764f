from . import journey_offer
from . import loyalty_card
from . import pos_order
