import {DomainField, domainField} from "@web/views/fields/domain/domain_field";
import {registry} from "@web/core/registry";

/** Who is excepted: an empty condition is met by nobody, unlike that of a search. */
export class ExceptionField extends DomainField {
    static template = "journey_engine.ExceptionField";

    get isNobody() {
        return this.getDomain().replace(/\s/g, "") === "[]";
    }
}

registry.category("fields").add("journey_exception", {
    ...domainField,
    component: ExceptionField,
});
