import {Component, useState} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {formatCount} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {formatMargin, formatScore} from "../figures";

const FIELDS = {
    stages: "stage",
    tiers: "tier",
    product_categories: "order_id.order_line.product_id.categ_id",
};

/** The score by the stage and tier of then, and by what was bought. */
export class Groups extends Component {
    static template = "nps_feedback.Groups";
    static components = {Panel};
    static props = {data: Object, onOpen: Function};

    setup() {
        this.state = useState({by: "stages"});
        this.choices = [
            {key: "stages", label: _t("Stage")},
            {key: "tiers", label: _t("Tier")},
            {key: "product_categories", label: _t("Products")},
        ];
    }

    get rows() {
        return this.props.data[this.state.by].map((row) => ({
            ...row,
            score: formatScore(row.nps),
            margin: formatMargin(row.margin),
            count: formatCount(row.responses),
            // From -100 to 100 on a line that is 100 long.
            place: typeof row.nps === "number" ? (row.nps + 100) / 2 : 0,
        }));
    }

    choose(by) {
        this.state.by = by;
    }

    open(row) {
        const field = FIELDS[this.state.by];
        return this.props.onOpen(row.label, [[field, "=", row.key]]);
    }
}
