import {registry} from "@web/core/registry";

const APP = "customer_lifecycle.customer_lifecycle_menu_root";
const MENU = "loyalty_program.loyalty_review_menu";
const HELD = [["state", "=", "held"]];

/** Writes how much there is to review beside the entry of the menu. */
export const reviewCounter = {
    dependencies: ["menu", "orm"],
    start(env, {menu, orm}) {
        function entry() {
            const isHere = menu.getCurrentApp()?.xmlid === APP;
            return isHere && menu.getAll().find(({xmlid}) => xmlid === MENU);
        }

        async function count() {
            // Only managers have the entry.
            if (!entry()) {
                return;
            }
            let held = 0;
            try {
                held = await orm.silent.searchCount("loyalty.pending", HELD);
            } catch {
                // The menu works without its number.
                return;
            }
            const item = entry();
            if (!item) {
                return;
            }
            const name = item.plainName || item.name;
            const text = held ? `${name} (${held})` : name;
            if (item.name !== text) {
                Object.assign(item, {plainName: name, name: text});
                env.bus.trigger("MENUS:APP-CHANGED");
            }
        }

        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", count);
    },
};

registry.category("services").add("loyalty_review_counter", reviewCounter);
