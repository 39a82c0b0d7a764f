import {deserializeDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {stageLabel} from "../core/stage_palette";

function orderedBetween(first, next) {
    const orders = [
        ["state", "=", "sale"],
        ["date_order", ">=", first],
        ["date_order", "<", next],
    ];
    return [["order_ids", "any", orders]];
}

/** Opens the records behind a figure. */
export function useClickThrough() {
    const action = useService("action");
    const orm = useService("orm");

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

    /** Moments of whole days of the company, as the engine counts them. */
    function boundsOf({from, to}) {
        return orm.call("lifecycle.engine", "get_bounds", [from, to]);
    }

    async function moves(name, period, domain) {
        const [start, end] = await boundsOf(period);
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
        async cohort(name, month, monthsLater) {
            const first = deserializeDate(month);
            const born = [
                ["customer_since", ">=", month],
                ["customer_since", "<", serializeDate(first.plus({months: 1}))],
            ];
            if (monthsLater === undefined) {
                return customers(name, born);
            }
            const start = first.plus({months: monthsLater});
            const bounds = await boundsOf({
                from: serializeDate(start),
                to: serializeDate(start.plus({months: 1, days: -1})),
            });
            return customers(name, [...born, ...orderedBetween(...bounds)]);
        },
    };
}
