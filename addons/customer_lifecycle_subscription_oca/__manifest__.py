{
    "name": "Customer Lifecycle: Subscriptions",
    "summary": "Subscriptions, renewals and trials in the customer's lifecycle",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "AGPL-3",
    "depends": ["customer_lifecycle", "subscription_oca"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron_data.xml",
        "views/lifecycle_policy_views.xml",
        "views/sale_subscription_views.xml",
    ],
    "auto_install": True,
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
