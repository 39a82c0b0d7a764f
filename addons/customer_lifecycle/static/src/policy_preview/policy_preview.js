import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useDebounced} from "@web/core/utils/timing";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {formatCount} from "../core/format";
import {useEngine} from "../core/quiet_call";
import {StageMatrix} from "../stage_matrix/stage_matrix";
import {customersOf, movesOf} from "./matrix_sums";
import {StageBar} from "./stage_bar";

const THRESHOLDS = [
    "churn_days",
    "dormant_days",
    "won_back_days",
    "at_risk_score",
    "at_risk_engagement",
    "at_risk_days",
    "onboarding_days",
    "engaged_score",
    "engaged_days",
    "rhythm_factor",
    "median_gap",
];
const DELAY = 400;

/** What the values in the form would do to today's customers, before saving. */
export class PolicyPreview extends Component {
    static template = "customer_lifecycle.PolicyPreview";
    static props = {...standardWidgetProps};
    static components = {StageBar, StageMatrix};

    setup() {
        this.engine = useEngine();
        this.keepLast = new KeepLast();
        this.state = useState({
            status: "loading",
            matrix: null,
            dueMoves: 0,
            isChanged: false,
            error: "",
            denied: false,
        });
        const refresh = useDebounced((values) => this.load(values), DELAY);
        useRecordObserver((record) => {
            const values = this.valuesOf(record);
            if (!record.dirty || !this.saved) {
                this.saved = values;
            }
            if (this.state.matrix) {
                refresh(values);
            } else {
                this.load(values);
            }
        });
    }

    valuesOf(record) {
        const numbers = THRESHOLDS.filter((name) => Number.isFinite(record.data[name]));
        return Object.fromEntries(numbers.map((name) => [name, record.data[name]]));
    }

    changesOf(values) {
        const changed = Object.entries(values).filter(
            ([name, v]) => this.saved[name] !== v
        );
        return Object.fromEntries(changed);
    }

    get context() {
        const company = this.props.record.data.company_id?.id;
        return company ? {allowed_company_ids: [company]} : {};
    }

    async load(values) {
        this.state.status = "loading";
        const changes = this.changesOf(values);
        const args = [changes];
        const call = this.engine("preview_policy", args, this.context);
        const {value, error, denied} = await this.keepLast.add(call);
        this.state.status = "ready";
        this.state.denied = Boolean(denied);
        this.state.error = error || "";
        if (value) {
            this.show(value, Boolean(Object.keys(changes).length));
        }
    }

    show(matrix, isChanged) {
        this.state.matrix = matrix;
        this.state.isChanged = isChanged;
        if (!isChanged) {
            this.state.dueMoves = movesOf(matrix);
        }
    }

    get before() {
        return customersOf(this.state.matrix, "from");
    }

    get after() {
        return customersOf(this.state.matrix, "to");
    }

    get headline() {
        const moves = movesOf(this.state.matrix);
        if (!this.state.isChanged) {
            return moves
                ? _t(
                      "Unchanged, %s customers move at the next evaluation.",
                      formatCount(moves)
                  )
                : _t(
                      "This is how customers stand today. Change a value to see who would move."
                  );
        }
        if (!moves) {
            return _t("Nobody would move.");
        }
        return moves === 1
            ? _t("1 customer would move.")
            : _t("%s customers would move.", formatCount(moves));
    }

    get dueNote() {
        const {isChanged, dueMoves} = this.state;
        return isChanged && dueMoves
            ? _t(
                  "%s of today's customers move anyway, by time alone.",
                  formatCount(dueMoves)
              )
            : "";
    }
}

registry.category("view_widgets").add("lifecycle_policy_preview", {
    component: PolicyPreview,
    fieldDependencies: [
        {name: "company_id", type: "many2one"},
        ...THRESHOLDS.map((name) => ({name, type: "float"})),
    ],
});
