import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

function open(trigger, content) {
    return {...click(trigger, content), expectUnloadPage: true};
}

tours.add("onboarding_customer", {
    steps: () => [
        open('.o_onboarding_card:contains("Welcome to the dairy")', "the card of /my"),
        {trigger: '.o_onboarding_next:contains("Your details")'},
        open('[data-step="tick"] button:contains("Done")', "tick the task"),
        {trigger: '[data-step="tick"][data-status="completed"]'},
        open('[data-step="learn"] a:contains("Read it")', "open the tutorial"),
        {trigger: '.o_onboarding_body:contains("Easily.")'},
        open('button:contains("read it")', "say that it is read"),
        {trigger: '[data-step="learn"][data-status="completed"]'},
        {trigger: '.o_onboarding_ring:contains("50%")'},
    ],
});

const MODAL = ".modal ";
const field = (name) => `.o_field_widget[name="${name}"]`;
const fill = (trigger, text) => ({trigger, content: text, run: `edit ${text}`});
const badge = (label) =>
    click(`${MODAL}${field("type")} .o_selection_badge:contains("${label}")`, label);

const step = (name, ...content) => [
    click(".o-kanban-button-new", "add a step"),
    ...content,
    fill(`${MODAL}${field("name")} input`, name),
    click(`${MODAL}.o_form_button_save`, "keep the step"),
    {trigger: "body:not(:has(.modal))"},
    {trigger: `.o_journey_step:contains("${name}")`, content: "it is in the timeline"},
];

tours.add("onboarding_build", {
    steps: () => [
        click(".o_list_button_add", "a new journey"),
        fill(`${field("name")} input`, "Tour journey"),
        ...step(
            "First order",
            badge("Milestone"),
            click(`${MODAL}${field("milestone_type")} .o_select_menu_toggler`),
            click('.o_select_menu_item:text("Orders")', "Orders")
        ),
        {trigger: '.o_journey_step:contains("Orders ≥ 1")'},
        ...step("Say hello", badge("Task")),
        click(".o_form_button_save", "save"),
        {trigger: ".o_form_saved:not(:has(.o_field_invalid))", content: "saved"},
        click("button[name=action_start]", "start it"),
        {trigger: "button[name=action_stop]"},
    ],
});
