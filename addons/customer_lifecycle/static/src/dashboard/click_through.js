import {deserializeDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {stageLabel} from "../core/stage_palette";
import {momentsOf} from "./period";

function orderedBetween(first, next) {
    const orders = [
        ["state", "=", "sale"],
        ["date_order", ">=", `${first} 00:00:00`],
        ["date_order", "<", `${next} 00:00:00`],
    ];
    return [
        "|",
        ["customer_id.sale_order_ids", "any", orders],
        ["customer_id.child_ids.sale_order_ids", "any", orders],
    ];
}

/** Opens the records behind a figure. */
export function useClickThrough() {
    const action = useService("action");

    function open(model, name, domain, views = ["list", "form"]) {
        return action.doAction({
            type: "ir.actions.act_window",
            name: name.toString(),
            res_model: model,
            domain,
            views: views.map((type) => [false, type]),
        });
    }

    function customers(name, domain) {
        return open("customer.lifecycle", name, domain, ["list", "kanban", "form"]);
    }

    function moves(name, period, domain) {
        const [start, end] = momentsOf(period);
        const inPeriod = [
            ["transitioned_at", ">=", start],
            ["transitioned_at", "<", end],
        ];
        return open("lifecycle.stage.history", name, [...inPeriod, ...domain]);
    }

    return {
        customers,
        stage: (stage) => customers(stageLabel(stage), [["current_stage", "=", stage]]),
        flow: (from, to, period) =>
            moves(
                _t("%(from)s to %(to)s", {from: stageLabel(from), to: stageLabel(to)}),
                period,
                [
                    ["from_stage", "=", from],
                    ["to_stage", "=", to],
                ]
            ),
        movesOf: (stage, period) =>
            moves(_t("%s: in and out", stageLabel(stage)), period, [
                "|",
                ["from_stage", "=", stage],
                ["to_stage", "=", stage],
            ]),
        cohort(name, month, monthsLater) {
            const first = deserializeDate(month);
            const born = [
                ["customer_since", ">=", month],
                ["customer_since", "<", serializeDate(first.plus({months: 1}))],
            ];
            if (monthsLater === undefined) {
                return customers(name, born);
            }
            const start = first.plus({months: monthsLater});
            const bounds = [start, start.plus({months: 1})].map(serializeDate);
            return customers(name, [...born, ...orderedBetween(...bounds)]);
        },
    };
}
