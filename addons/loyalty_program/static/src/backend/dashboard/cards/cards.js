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
        const {metrics} = this.props.data;
        return [
            {
                key: "members",
                label: _t("Members"),
                text: formatCount(metrics.members),
                hint: _t("in all tiers"),
            },
            this.enrollment,
            {
                key: "active",
                label: _t("Active members"),
                text: formatCount(metrics.active),
                hint: _t(
                    "%s moved points within a year",
                    formatShareOf(metrics.active, metrics.members)
                ),
            },
            this.liability,
            ...this.points,
            ...this.referral,
        ];
    }

    get liability() {
        const {metrics, point_value: value} = this.props.data;
        return {
            key: "liability",
            label: _t("Liability"),
            text: this.money(metrics.liability),
            hint: value ? this.worth : _t("No reward says what a point is worth"),
        };
    }

    /** Points in codes that nobody used yet are owed, too. */
    get worth() {
        const {metrics, point_value: value} = this.props.data;
        const figures = {
            points: formatCount(metrics.outstanding + metrics.code_points),
            codes: formatCount(metrics.code_points),
            value: this.money(100 * value),
        };
        return metrics.code_points
            ? _t(
                  "%(points)s points, %(codes)s of them in open codes; 100 are worth %(value)s",
                  figures
              )
            : _t("%(points)s points; 100 are worth %(value)s", figures);
    }

    get points() {
        const {metrics} = this.props.data;
        return [
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
                hint: _t("since the beginning"),
            },
            {
                key: "redemption_rate",
                label: _t("Redemption rate"),
                text: this.percent(metrics.redemption_rate),
                hint: _t("redeemed of those issued"),
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
        ];
    }

    /** What the server counted of referrals, if anything. */
    get referral() {
        return this.props.data.referral.map(({key, label, value, hint}) => ({
            key,
            label,
            text: formatCount(value),
            hint,
        }));
    }
}
