"""The words of the contract; selections and checks are made of them."""

from odoo.addons.customer_preference.const import CATEGORIES  # noqa: F401

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("push", "Push notification"),
    ("internal", "Internal message"),
    ("activity", "Activity"),
    ("preferred", "Preferred by the customer"),
]
KINDS = [("message", "Message"), ("wait", "Wait")]
WAITS = [
    ("opened", "Message opened"),
    ("clicked", "Message clicked"),
    ("replied", "Message replied to"),
    ("bounced", "Message bounced"),
    ("order", "Order placed"),
]
AFTER_TIMEOUT = [
    ("continue", "Go on"),
    ("skip_next", "Leave out the next step"),
    ("exit", "End the journey"),
]
GOALS = [
    ("order", "Any order confirmed"),
    ("orders", "An order that matches"),
    ("event", "An event"),
    ("none", "No goal"),
]
REENTRY = [
    ("never", "Never"),
    ("after_exit", "As soon as the last pass has ended"),
    ("after_days", "Some days after the last pass"),
]
RUN_STATES = [("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled")]
DELIVERY_STATES = [
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("opened", "Opened"),
    ("clicked", "Clicked"),
    ("replied", "Replied"),
    ("bounced", "Bounced"),
    ("failed", "Failed"),
    ("held", "Held"),
    ("skipped", "Skipped"),
    ("cancelled", "Cancelled"),
]
# Deliveries in these states reached, or are on their way to, somebody.
WENT_OUT = ("queued", "sent", "opened", "clicked", "replied")
# Deliveries in these states have left the house; those with ``sent_at`` had, too.
LEFT = ("sent", "opened", "clicked", "replied", "bounced")
# Why runs end, beside the reasons of messages.
EXIT_REASONS = ("completed", "wait_timeout", "unsubscribed", "erased", "deleted")
# Channels that reach the shop's own people.
COLLEAGUES = ("internal", "activity")
