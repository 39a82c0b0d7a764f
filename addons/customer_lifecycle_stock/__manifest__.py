{
    "name": "Customer Lifecycle: Deliveries",
    "summary": "Deliveries in the customer's timeline, and the first one as a fact",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["customer_lifecycle", "sale_stock"],
    "data": ["views/customer_lifecycle_views.xml"],
    "auto_install": True,
    "post_init_hook": "post_init_hook",
}
