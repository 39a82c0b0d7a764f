from . import test_personal_codes
