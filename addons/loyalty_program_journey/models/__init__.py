from . import journey_bonus
from . import journey_channel
from . import journey_delivery
from . import journey_offer
from . import journey_renderer
from . import mail_render_mixin
