{
    "name": "NPS and Feedback: Website Shop",
    "summary": "Asks on the page after checkout how the shop did",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["nps_feedback", "website_sale"],
    "data": ["views/website_sale_templates.xml"],
    "auto_install": True,
}
