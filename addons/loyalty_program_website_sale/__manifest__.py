{
    "name": "Loyalty Program: Website Shop",
    "summary": "Cart and checkout tell what points there are, and what will be earned",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["loyalty_program", "website_sale_loyalty"],
    "data": ["views/payment_templates.xml", "views/website_sale_templates.xml"],
    "assets": {
        "web.assets_tests": ["loyalty_program_website_sale/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
