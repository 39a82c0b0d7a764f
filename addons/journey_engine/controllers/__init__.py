from . import push
from . import sms
