{
    "name": "Journey Engine on the Job Queue",
    "summary": "Several hosts share the walking of customers through OCA's queue_job",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["journey_engine", "queue_job"],
    "data": ["data/queue_job_data.xml"],
    "auto_install": True,
}
