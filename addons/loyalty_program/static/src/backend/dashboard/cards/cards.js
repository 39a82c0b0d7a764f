import {Component} from "@odoo/owl";
import {
    formatCount,
    formatNumber,
    formatShareOf,
} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {formatMonetary} from "@web/views/fields/formatters";

/** Key figures side by side. */
export class Cards extends Component {
    static template = "loyalty_program.Cards";
    static props = {data: Object, links: Object};

    percent(value) {
        return _t("%s%", formatNumber(value));
    }

    money(value) {
        return formatMonetary(value || 0, {currencyId: this.props.data.currency_id});
    }

    get enrollment() {
        const {metrics, enrollment_target: target} = this.props.data;
        const rate = metrics.enrollment_rate;
        return {
            key: "enrollment",
            label: _t("Enrolment"),
            text: this.percent(rate),
            target: _t("Target %s", this.percent(target)),
            reached: rate >= target,
            style: `--lifecycle-share: ${Math.min((100 * rate) / target, 100)}%`,
        };
    }

    get cards() {
        const {metrics, point_value: value} = this.props.data;
        return [
            {
                key: "members",
                label: _t("Members"),
                text: formatCount(metrics.members),
                hint: _t("%s moved points within a year", formatCount(metrics.active)),
            },
            this.enrollment,
            {
                key: "active",
                label: _t("Active members"),
                text: formatShareOf(metrics.active, metrics.members),
                hint: _t("of all members"),
            },
            {
                key: "liability",
                label: _t("Liability"),
                text: this.money(metrics.liability),
                hint: _t("%(points)s points of %(value)s each", {
                    points: formatCount(metrics.outstanding),
                    value: this.money(value),
                }),
            },
            {
                key: "issued",
                label: _t("Points issued"),
                text: formatCount(metrics.issued),
                hint: _t("since the beginning"),
            },
            {
                key: "redeemed",
                label: _t("Points redeemed"),
                text: formatCount(metrics.redeemed),
                hint: _t("%s of those issued", this.percent(metrics.redemption_rate)),
            },
            {
                key: "expired",
                label: _t("Points expired"),
                text: formatCount(metrics.expired),
                hint: _t(
                    "%s of those issued",
                    formatShareOf(metrics.expired, metrics.issued, 1)
                ),
            },
            ...this.referral,
        ];
    }

    /** What the server counted of referrals, if anything. */
    get referral() {
        const found = this.props.data.referral || [];
        return found.map(({key, label, value, hint}) => ({
            key,
            label,
            text: formatCount(value),
            hint,
        }));
    }
}
