from . import stock_picking
from . import lifecycle_facts
from . import lifecycle_event
from . import customer_lifecycle
