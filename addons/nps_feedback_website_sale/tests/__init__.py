from . import test_checkout_prompt
