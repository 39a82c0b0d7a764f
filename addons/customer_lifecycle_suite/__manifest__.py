{
    "name": "Customer Lifecycle Suite",
    "summary": "Everything about the customer lifecycle in one go, and its demo story",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": [
        "customer_lifecycle",
        "customer_lifecycle_stock",
        "customer_lifecycle_subscription_oca",
        "customer_preference",
        "engagement_campaign",
        "journey_engine",
        "lifecycle_metrics",
        "loyalty_program",
        "nps_feedback",
    ],
}
