from . import test_lifecycle_tours
from . import test_lifecycle_import
