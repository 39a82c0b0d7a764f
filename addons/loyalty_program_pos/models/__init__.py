from . import loyalty_card
from . import loyalty_program
from . import loyalty_reward
from . import pos_config
from . import pos_order_points
from . import pos_order_loyalty
from . import pos_order
from . import rating_rating
