import {
    MODAL,
    begin,
    click,
    field,
    fill,
    input,
    pick,
    save,
    select,
    step,
    tab,
    wait,
} from "./tour_helpers";
import {cookie} from "@web/core/browser/cookie";
import {registry} from "@web/core/registry";

const DAY = 24;

/** Adds one rule to a condition; operators and values are named by their keys. */
const rule = (domain, [name, label, operator, value], place) => {
    const row = `${domain} .o_tree_editor_condition:last`;
    const choose = (column, key) => ({
        trigger: `${row} .o_tree_editor_editor:eq(${column}) select`,
        content: `choose "${key}"`,
        run: (helpers) => helpers.select(JSON.stringify(key)),
    });
    const fill = (column, number) => ({
        trigger: `${row} .o_tree_editor_editor:eq(${column}) input`,
        content: `fill in ${number}`,
        run: `edit ${number} && press Tab`,
    });
    const give = typeof value === "number" ? fill : choose;
    return [
        click(
            place
                ? `${domain} a:contains("New Rule")`
                : `${domain} .o_domain_add_first_node_button`
        ),
        click(`${row} .o_model_field_selector`, "a field"),
        click(
            `.o_model_field_selector_popover_item[data-name="${name}"] .o_model_field_selector_popover_item_name`,
            name
        ),
        {trigger: `${row} .o_model_field_selector:contains("${label}")`},
        choose(1, operator),
        ...(value === null ? [] : [give(2, value)]),
    ];
};

/** How each kind of input is filled in. */
const INPUTS = {
    input: (name, value, inside) => [fill(`${inside}${input(name)}`, value)],
    textarea: (name, value, inside) => [
        fill(`${inside}${field(name)} textarea`, value),
    ],
    checkbox: (name, _value, inside) => [click(`${inside}${input(name)}`, name)],
    select,
    pick,
    wait: (name, hours, inside) =>
        wait(name, Math.floor(hours / DAY), hours % DAY, inside),
    radio: (name, label, inside) => [
        click(`${inside}${field(name)} .o_radio_item:contains("${label}") input`),
    ],
    event: (name, key, inside) => [
        {
            trigger: `${inside}${field(name)} select`,
            content: `choose "${key}"`,
            run: `select ${key}`,
        },
    ],
    domain: (name, rules, inside) =>
        rules.flatMap((one, place) => rule(`${inside}${field(name)}`, one, place)),
};

const fillIn = (entries, inside = "") =>
    entries.flatMap(([name, kind, value]) => INPUTS[kind](name, value, inside));

const message = ({name, entries}) =>
    step(name, ...fillIn(entries, MODAL), {
        trigger: `${MODAL}.o_journey_message :is(.o_journey_mail, .o_journey_bubble)`,
        content: "it is shown as a customer would see it",
    });

/** An offer that there is not yet. */
const offer = ({name, entries}) => [
    tab("Offer"),
    {
        trigger: input("offer_id"),
        content: `look for "${name}"`,
        run: (helpers) => helpers.edit(name),
    },
    click('.ui-autocomplete a:contains("Create and edit")', "create it"),
    ...fillIn(entries, MODAL),
    click(`${MODAL}.o_form_button_save`, "keep the offer"),
    {trigger: "body:not(:has(.modal))"},
];

registry.category("web_tour.tours").add("campaign_build_playbook", {
    steps: () => {
        // The test says what to build.
        const wanted = JSON.parse(atob(cookie.get("playbook")));
        return [
            ...begin(wanted.name, wanted.trigger),
            ...fillIn(wanted.entries),
            ...wanted.steps.flatMap(message),
            ...wanted.offers.flatMap(offer),
            ...wanted.tabs.flatMap(([label, entries]) => [
                tab(label),
                ...fillIn(entries),
            ]),
            ...save(),
        ];
    },
});
