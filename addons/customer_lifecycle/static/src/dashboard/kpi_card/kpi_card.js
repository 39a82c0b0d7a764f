import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {clamp} from "@web/core/utils/numbers";
import {formatFigure} from "../../core/format";
import {changeOf} from "./change";

export class KpiCard extends Component {
    static template = "customer_lifecycle.KpiCard";
    static props = {kpi: Object, onOpen: Function};

    get measured() {
        return typeof this.props.kpi.value === "number";
    }

    get value() {
        const {value, unit} = this.props.kpi;
        return formatFigure(value, unit);
    }

    get exact() {
        const {value, unit} = this.props.kpi;
        return formatFigure(value, unit, {exact: true});
    }

    get target() {
        const {target, unit, value} = this.props.kpi;
        if (typeof target !== "number" || !target) {
            return null;
        }
        return {
            text: _t("Target %s", formatFigure(target, unit)),
            reached: this.measured && value >= target,
            share: this.measured ? clamp((100 * value) / target, 0, 100) : 0,
        };
    }

    get change() {
        return changeOf(this.props.kpi);
    }
}
