{
    "name": "Customer Lifecycle: Metrics",
    "summary": "Figures for Prometheus: stages, journeys, deliveries, queues, jobs",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["journey_engine"],
    "external_dependencies": {"python": ["prometheus_client"]},
    "data": [
        "security/ir.model.access.csv",
        "views/lifecycle_metrics_token_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
