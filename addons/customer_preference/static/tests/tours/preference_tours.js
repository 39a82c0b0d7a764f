import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

tours.add("preference_page", {
    steps: () => [
        {
            ...click('a[href="/my/preferences"]', "the card of the portal"),
            expectUnloadPage: true,
        },
        click('label[for="channel_sms"]', "SMS, please"),
        click('label[for="own_quiet_hours"]', "my own quiet hours"),
        {
            trigger: "#delivery_time",
            content: "when to deliver",
            run: "edit In the morning",
        },
        {
            ...click('.o_my_preferences button[type="submit"]', "save"),
            expectUnloadPage: true,
        },
        {trigger: '.alert-success:contains("Saved")'},
        {trigger: "#channel_sms:checked"},
        {trigger: "#own_quiet_hours:checked"},
    ],
});

tours.add("preference_backend", {
    steps: () => [
        {trigger: '.o_data_row:contains("Ledger Lena")', content: "her word"},
        click(".o_switch_view.o_graph", "as a graph"),
        {trigger: ".o_graph_renderer canvas"},
        ...["Contact Log"].flatMap((name) => menu("Reporting", name)),
        ...["Topics", "Frequency Caps"].flatMap((name) => menu("Configuration", name)),
        {trigger: '.o_data_row:contains("Marketing")', content: "the usual caps"},
    ],
});

function menu(section, name) {
    return [
        click(`.o_menu_sections .dropdown-toggle:contains("${section}")`, section),
        click(`.o-dropdown--menu .dropdown-item:contains("${name}")`, name),
        {trigger: `.o_last_breadcrumb_item:contains("${name}")`, content: name},
    ];
}
