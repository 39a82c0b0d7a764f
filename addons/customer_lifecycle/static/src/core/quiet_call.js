import {useService} from "@web/core/utils/hooks";

const ACCESS_ERROR = "odoo.exceptions.AccessError";

/** The message of a server error, as the person should read it. */
export function messageOf(error) {
    return error?.data?.message || error?.message || String(error);
}

export function isAccessError(error) {
    return error?.exceptionName === ACCESS_ERROR;
}

/**
 * Calls of the engine that never open a dialog: a user without the right to see
 * something sees nothing, other errors are the caller's to show.
 *
 * @returns {(method: string, args: any[], context?: Object) =>
 *     Promise<{ value?: any, denied?: boolean, error?: string }>}
 */
export function useEngine() {
    const orm = useService("orm");
    return async (method, args, context = {}) => {
        try {
            const call = orm.silent.call("lifecycle.engine", method, args, {context});
            return {value: await call};
        } catch (error) {
            return {denied: isAccessError(error), error: messageOf(error)};
        }
    };
}
