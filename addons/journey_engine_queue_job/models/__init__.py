from . import journey_scheduler_jobs
