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
        ...step("First order", badge("Milestone"), {
            trigger: `${MODAL}${field("milestone_value")} input:value("1")`,
        }),
        {trigger: '.o_journey_step:contains("Orders: at least 1")'},
        ...step("Say hello", badge("Task")),
        click(".o_form_button_save", "save"),
        {trigger: ".o_form_saved:not(:has(.o_field_invalid))", content: "saved"},
        click("button[name=action_start]", "start it"),
        {trigger: "button[name=action_stop]"},
    ],
});

const next = (content) => `.o_onboarding_next:contains("${content}")`;
const settled = (step, status) => ({
    trigger: `[data-step="${step}"][data-status="${status}"]`,
    content: `${step} is ${status}`,
});

function goTo(address, content) {
    return {
        trigger: "body[is-ready=true]",
        content,
        expectUnloadPage: true,
        run() {
            window.location.href = address;
        },
    };
}

const intoTheCart = [
    open(
        '.oe_product_cart a:contains("First glass of milk")',
        "the product in the shop"
    ),
    {trigger: "body[is-ready=true]"},
    click("#add_to_cart", "into the cart"),
    open("a sup.my_cart_quantity:text(1)", "to the cart"),
    open('a[href^="/shop/checkout"]', "check out"),
];
const confirmed = [
    open('form[name="o_wsale_confirm_order"] button', "confirm the order"),
    {trigger: 'body:has([name="order_confirmation"])', content: "thank you"},
    goTo("/my/onboarding", "how far am I?"),
];

// From the form for new accounts to the second order; jobs run in between.
tours.add("onboarding_story", {
    steps: () => [
        fill(".oe_signup_form input[name=login]", "nora.new@example.com"),
        fill(".oe_signup_form input[name=name]", "Nora New"),
        fill(".oe_signup_form input[name=password]", "nora-new-1!"),
        fill(".oe_signup_form input[name=confirm_password]", "nora-new-1!"),
        open(".oe_signup_form button[type=submit]", "open the account"),
        open(".o_onboarding_card", "the card of /my"),
        {trigger: next("Complete your profile")},
        open('[data-step="profile"] a:contains("Fill in my details")', "my details"),
        {trigger: "select[name=country_id]", run: "selectByLabel Belgium"},
        fill("form.address_autoformat input[name=phone]", "+32 470 12 34 56"),
        fill("form.address_autoformat input[name=street]", "Lake Road 7"),
        fill("form.address_autoformat input[name=city]", "Brussels"),
        fill("form.address_autoformat input[name=zip]", "1000"),
        open("#save_address", "keep the address"),
        goTo("/my/onboarding", "how far am I?"),
        settled("profile", "completed"),
        open('[data-step="tutorial"] a:contains("Read it")', "open the tutorial"),
        open('button:contains("read it")', "say that it is read"),
        settled("tutorial", "completed"),
        settled("first_order", "pending"),
        open('[data-step="first_order"] a:contains("To the shop")', "to the shop"),
        ...intoTheCart,
        ...confirmed,
        settled("first_order", "completed"),
        {trigger: next("Your second order")},
        open('[data-step="second_order"] a:contains("To the shop")', "once more"),
        ...intoTheCart,
        ...confirmed,
        settled("second_order", "completed"),
        {trigger: '.o_onboarding header:contains("You have done it all")'},
        {trigger: '.o_onboarding_ring:contains("100%")'},
    ],
});
