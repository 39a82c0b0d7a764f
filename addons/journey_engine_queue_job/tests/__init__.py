from . import test_shard_jobs
