const DEFAULT = {icon: "fa-circle-o", tone: "secondary"};

// Icon and tone of each event type, those of the suite's other addons included.
const TYPES = {
    signup: {icon: "fa-user-plus", tone: "info"},
    order_confirmed: {icon: "fa-shopping-cart", tone: "success"},
    order_changed: {icon: "fa-pencil", tone: "secondary"},
    order_cancelled: {icon: "fa-times", tone: "danger"},
    first_order_placed: {icon: "fa-star", tone: "warning"},
    stage_changed: {icon: "fa-random", tone: "primary"},
    delivery_done: {icon: "fa-truck", tone: "success"},
    first_delivery_completed: {icon: "fa-gift", tone: "warning"},
    subscription_started: {icon: "fa-refresh", tone: "success"},
    subscription_renewed: {icon: "fa-refresh", tone: "success"},
    subscription_ended: {icon: "fa-ban", tone: "danger"},
    trial_ending: {icon: "fa-hourglass-end", tone: "warning"},
    payment_failed: {icon: "fa-credit-card", tone: "danger"},
    invoice_overdue: {icon: "fa-file-text-o", tone: "danger"},
    message_sent: {icon: "fa-paper-plane-o", tone: "secondary"},
    message_opened: {icon: "fa-envelope-open-o", tone: "info"},
    message_clicked: {icon: "fa-hand-pointer-o", tone: "info"},
    message_bounced: {icon: "fa-exclamation-triangle", tone: "danger"},
    review_posted: {icon: "fa-comment-o", tone: "info"},
    survey_answered: {icon: "fa-check-square-o", tone: "info"},
    detractor_case: {icon: "fa-thumbs-o-down", tone: "danger"},
    onboarding_started: {icon: "fa-flag-o", tone: "info"},
    onboarding_step: {icon: "fa-check", tone: "info"},
    onboarding_completed: {icon: "fa-flag-checkered", tone: "success"},
    points_earned: {icon: "fa-plus-circle", tone: "success"},
    points_redeemed: {icon: "fa-minus-circle", tone: "secondary"},
    points_expired: {icon: "fa-clock-o", tone: "secondary"},
    tier_changed: {icon: "fa-trophy", tone: "warning"},
    referral_rewarded: {icon: "fa-users", tone: "success"},
    winback_started: {icon: "fa-bullhorn", tone: "info"},
    won_back: {icon: "fa-heart", tone: "success"},
};

export function eventType(key) {
    return TYPES[key] || DEFAULT;
}
