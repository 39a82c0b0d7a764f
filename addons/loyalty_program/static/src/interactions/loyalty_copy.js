import {Interaction} from "@web/public/interaction";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const SHOWN_MS = 2000;

/** Copies a code or a link. */
export class LoyaltyCopy extends Interaction {
    static selector = ".o_loyalty_copy";
    dynamicContent = {
        button: {"t-on-click": this.onCopy},
        ".o_loyalty_copy_ask": {"t-att-class": () => ({"d-none": this.isDone})},
        ".o_loyalty_copy_done": {"t-att-class": () => ({"d-none": !this.isDone})},
    };

    setup() {
        this.isDone = false;
    }

    async onCopy() {
        const input = this.el.querySelector("input");
        // Selected, it can be copied by hand where the browser does not let us.
        input.select();
        try {
            await this.waitFor(browser.navigator.clipboard.writeText(input.value));
        } catch {
            return;
        }
        this.isDone = true;
        this.updateContent();
        this.waitForTimeout(() => {
            this.isDone = false;
        }, SHOWN_MS);
    }
}

registry.category("public.interactions").add("loyalty_program.copy", LoyaltyCopy);
