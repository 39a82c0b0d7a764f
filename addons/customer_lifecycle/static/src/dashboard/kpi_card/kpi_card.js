import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { clamp } from "@web/core/utils/numbers";
import { formatFigure } from "../../core/format";

const LOWER_IS_BETTER = ["revenue_at_risk"];
// Figures of today: there is no earlier value to compare with.
const OF_TODAY = ["revenue_at_risk"];

export class KpiCard extends Component {
    static template = "customer_lifecycle.KpiCard";
    static props = { kpi: Object, onOpen: Function };

    get measured() {
        return typeof this.props.kpi.value === "number";
    }

    get value() {
        const { value, unit } = this.props.kpi;
        return formatFigure(value, unit);
    }

    get exact() {
        const { value, unit } = this.props.kpi;
        return formatFigure(value, unit, { exact: true });
    }

    get target() {
        const { target, unit, value } = this.props.kpi;
        if (typeof target !== "number" || !target) {
            return null;
        }
        return {
            text: _t("Target %s", formatFigure(target, unit)),
            reached: this.measured && value >= target,
            share: this.measured ? clamp((100 * value) / target, 0, 100) : 0,
        };
    }

    /** Percentages differ in points, other figures in percent of the earlier one. */
    get change() {
        const { key, value, previous, unit } = this.props.kpi;
        if (!this.measured || typeof previous !== "number" || OF_TODAY.includes(key)) {
            return null;
        }
        const points = unit === "%";
        const base = points ? 1 : Math.abs(previous) / 100;
        const size = base ? Math.round((10 * (value - previous)) / base) / 10 : null;
        if (size === null) {
            return null;
        }
        const good = LOWER_IS_BETTER.includes(key) ? size < 0 : size > 0;
        return {
            text: points
                ? _t("%s pts", formatFigure(Math.abs(size), ""))
                : formatFigure(Math.abs(size), "%"),
            icon: size > 0 ? "fa-arrow-up" : size < 0 ? "fa-arrow-down" : "fa-minus",
            mood: size === 0 ? "same" : good ? "good" : "bad",
            title: _t("Period before: %s", formatFigure(previous, unit)),
            direction: size > 0 ? _t("up") : size < 0 ? _t("down") : _t("unchanged"),
        };
    }
}
