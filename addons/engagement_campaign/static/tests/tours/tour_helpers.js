/** What a person does in the campaign builder, as steps of tours. */
import {rpcBus} from "@web/core/network/rpc";

let pending = 0;
rpcBus.addEventListener("RPC:REQUEST", () => {
    pending += 1;
});
rpcBus.addEventListener("RPC:RESPONSE", () => {
    pending -= 1;
});
const frame = () =>
    new Promise((resolve) => {
        requestAnimationFrame(resolve);
    });

/**
 * Waits until what was chosen is shown: a drop-down that is left within these
 * milliseconds is still empty, and takes that for a wish.
 */
const settle = {
    trigger: "body",
    content: "it is shown",
    async run() {
        for (let calm = 0; calm < 3; calm++) {
            await frame();
            calm = pending ? 0 : calm;
        }
    },
};

export const click = (trigger, content = trigger) => ({trigger, content, run: "click"});
export const fill = (trigger, text) => ({
    trigger,
    content: `write "${text}"`,
    // A function: in a text, "&&" and brackets would mean something.
    async run({edit, press}) {
        await edit(text);
        await press("Tab");
    },
});
export const field = (name) => `.o_field_widget[name="${name}"]`;
export const input = (name) => `${field(name)} input`;

/** Chooses an entry of a drop-down. */
export const select = (name, label, inside = "") => [
    click(`${inside}${field(name)} .o_select_menu_toggler`, name),
    click(`.o_select_menu_item:text("${label}")`, label),
    settle,
];

/** Chooses a record by its name. */
export const pick = (name, label, inside = "") => [
    {
        trigger: `${inside}${input(name)}`,
        content: `look for "${label}"`,
        run: `edit ${label}`,
    },
    click(`.ui-autocomplete a:contains("${label}")`, label),
];

export const tab = (label) =>
    click(`.o_notebook .nav-link:contains("${label}")`, label);

export const begin = (name, trigger) => [
    click(".o_list_button_add", "a new campaign"),
    fill(input("name"), name),
    click(
        `${field("trigger_type")} .o_selection_badge:contains("${trigger}")`,
        trigger
    ),
];

export const wait = (name, days, hours, inside = "") => [
    fill(`${inside}${field(name)} .o_journey_days`, String(days)),
    fill(`${inside}${field(name)} .o_journey_hours`, String(hours)),
];

export const MODAL = ".modal ";
export const step = (name, ...content) => [
    click(".o-kanban-button-new", "add a step"),
    fill(`${MODAL}${input("name")}`, name),
    ...content,
    click(`${MODAL}.o_form_button_save`, "keep the step"),
    {trigger: "body:not(:has(.modal))"},
    {trigger: `.o_journey_step:contains("${name}")`, content: "it is in the timeline"},
];

export const save = () => [
    click(".o_form_button_save", "save"),
    {trigger: ".o_form_saved:not(:has(.o_field_invalid))", content: "saved"},
];
