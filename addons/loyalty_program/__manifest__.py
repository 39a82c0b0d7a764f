{
    "name": "Loyalty Program",
    "summary": "Accounts with a ledger, tiers and referral on Odoo's own loyalty",
    "version": "19.0.1.0.0",
    "category": "Sales/Customer Lifecycle",
    "author": "Smart Dairy",
    "license": "LGPL-3",
    "depends": ["customer_lifecycle", "sale_loyalty", "portal", "rating"],
    "data": [
        "security/ir.model.access.csv",
        "security/loyalty_program_security.xml",
        "data/mail_template_data.xml",
        "data/ir_cron_data.xml",
    ],
}
