import {useState} from "@odoo/owl";
import {messageOf} from "@customer_lifecycle/core/quiet_call";
import {KeepLast} from "@web/core/utils/concurrency";
import {useRecordObserver} from "@web/model/relational_model/utils";

/**
 * Figures about a form's record that are counted when somebody asks; they are outdated
 * once what was changed is saved, and gone with the next record.
 *
 * @param {() => Promise<Object>} ask
 * @returns {{ status: string, found: Object, error: string, isOutdated: boolean,
 *     load: () => Promise<void> }} reactive
 */
export function useEstimate(ask) {
    const keepLast = new KeepLast();
    const state = useState({
        status: "idle",
        found: null,
        error: "",
        isOutdated: false,
        async load() {
            Object.assign(state, {status: "loading", isOutdated: false});
            try {
                state.found = await keepLast.add(ask());
                state.status = "ready";
            } catch (error) {
                Object.assign(state, {error: messageOf(error), status: "error"});
            }
        },
    });
    let shown, wasDirty;
    useRecordObserver((record) => {
        if (record.resId !== shown) {
            shown = record.resId;
            state.status = "idle";
        }
        if (wasDirty && !record.dirty) {
            state.isOutdated = true;
        }
        wasDirty = record.dirty;
    });
    return state;
}
