from . import test_bad_data
from . import test_smtp
from . import test_walk
