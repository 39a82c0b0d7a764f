import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** A form that is sent once; the server takes no second one either. */
export class LoyaltyOnce extends Interaction {
    static selector = "form.o_loyalty_once";
    dynamicContent = {
        _root: {"t-on-submit": this.onSubmit},
    };

    onSubmit() {
        this.el.querySelector("button[type=submit]").disabled = true;
    }
}

registry.category("public.interactions").add("loyalty_program.once", LoyaltyOnce);
