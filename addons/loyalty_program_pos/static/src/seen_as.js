/**
 * Return a record as it would be with other values; the record stays as it is.
 *
 * @param {Object} record
 * @param {Object} values by name of the property
 * @returns {Object}
 */
export function seenAs(record, values) {
    return new Proxy(record, {
        get: (target, name) => (name in values ? values[name] : target[name]),
    });
}
