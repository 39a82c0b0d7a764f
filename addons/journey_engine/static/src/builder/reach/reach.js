import {Component, useState} from "@odoo/owl";
import {formatCount, formatShareOf} from "@customer_lifecycle/core/format";
import {messageOf} from "@customer_lifecycle/core/quiet_call";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const PERIODS = [
    {days: 1, label: _t("a day")},
    {days: 7, label: _t("7 days")},
    {days: 14, label: _t("14 days")},
];

/** How many would enter if the campaign started now, and whom it would reach. */
export class Reach extends Component {
    static template = "journey_engine.Reach";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.periods = PERIODS;
        this.formatCount = formatCount;
        this.state = useState({
            status: "idle",
            days: 7,
            figures: null,
            error: "",
            isOutdated: false,
        });
        useRecordObserver((record) => {
            if (record.resId !== this.journey) {
                this.journey = record.resId;
                this.state.status = "idle";
            }
            // What was changed is saved now: the number is of before.
            if (this.wasDirty && !record.dirty) {
                this.state.isOutdated = true;
            }
            this.wasDirty = record.dirty;
        });
    }

    async load() {
        this.state.status = "loading";
        this.state.isOutdated = false;
        const {resModel, resId} = this.props.record;
        const call = this.orm.silent.call(resModel, "get_reach", [
            [resId],
            this.state.days,
        ]);
        try {
            this.state.figures = await this.keepLast.add(call);
            this.state.status = "ready";
        } catch (error) {
            this.state.error = messageOf(error);
            this.state.status = "error";
        }
    }

    choose(days) {
        this.state.days = Number(days);
        return this.load();
    }

    /** The parts of those who would enter, as widths of one bar. */
    get parts() {
        const {entering, reached, later, control, stopped} = this.state.figures;
        const reasons = stopped.map(({reason, label, count}) => ({
            key: reason,
            label,
            count,
            tone: "stopped",
        }));
        const parts = [
            {key: "reached", label: _t("get the first message"), count: reached},
            {key: "later", label: _t("have to wait longer"), count: later},
            {key: "control", label: _t("in the control group"), count: control},
            ...reasons,
        ];
        return parts
            .filter(({count}) => count)
            .map((part) => ({
                tone: part.key,
                ...part,
                text: formatCount(part.count),
                share: formatShareOf(part.count, entering),
                width: (100 * part.count) / Math.max(entering, 1),
            }));
    }
}

registry.category("view_widgets").add("journey_reach", {component: Reach});
