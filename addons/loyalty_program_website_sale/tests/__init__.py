from . import test_cart_owners
from . import test_cart_points
from . import test_shop_pages
