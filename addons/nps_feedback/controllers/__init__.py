from . import feedback
from . import portal
from . import dashboard_export
