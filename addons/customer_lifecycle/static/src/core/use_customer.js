import {useRecordObserver} from "@web/model/relational_model/utils";

/** The customer a form is about: the partner itself, or that of the lifecycle row. */
export function customerOf(record) {
    return record.resModel === "res.partner"
        ? record.resId
        : record.data.customer_id?.id;
}

/**
 * Calls ``load(customerId)`` for the form's customer, again when another record
 * shows or its stage changed. The form does not wait for it.
 */
export function useCustomer(load) {
    let seen;
    useRecordObserver((record) => {
        const customer = customerOf(record);
        const key = `${customer}-${record.data.current_stage}-${record.data.handled_until}`;
        if (key !== seen) {
            seen = key;
            load(customer);
        }
    });
}
