import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const click = (trigger, content = trigger) => ({trigger, content, run: "click"});
const fill = (trigger, text) => ({
    trigger,
    content: `write "${text}"`,
    async run({edit, press}) {
        await edit(text);
        await press("Tab");
    },
});
const input = (name) => `.o_field_widget[name="${name}"] input`;

const menu = (name) => click(`[data-menu-xmlid="winback.${name}"]`, name);

// "Winning customers back" of docs/marketer.md, click by click.
tours.add("winback_build", {
    steps: () => [
        menu("winback_menu"),
        menu("winback_campaign_menu"),
        click(".o_list_button_add", "a new campaign"),
        fill(input("name"), "Tour win-back"),
        {trigger: '.o_journey_step:contains("Last chance")', content: "a draft"},
        click('.o_journey_step:contains("What has changed")', "open a drafted step"),
        {trigger: '.modal .o_field_widget[name="without_offer"] input:value("Send")'},
        click(".modal .o_form_button_save", "nothing of it is missing"),
        {trigger: "body:not(:has(.modal))"},
        fill(input("min_days_inactive"), "60"),
        fill(input("max_days_inactive"), "150"),
        fill(input("daily_limit"), "5"),
        click('.o_field_widget[name="offer_type"] .o_select_menu_toggler'),
        click('.o_select_menu_item:text("Discount in percent")'),
        fill(input("offer_value"), "12"),
        click(".o_form_button_save", "save"),
        {trigger: ".o_form_saved:not(:has(.o_field_invalid))", content: "saved"},
        click(".o_winback_count", "whom would we ask back?"),
        {trigger: '.o_winback_filters li:contains("Gone for too long")'},
        {trigger: ".o_winback_top li", content: "the richest are named"},
        click('button[name="action_start"]', "switch it on"),
        {trigger: '.o_field_widget[name="is_active"]:contains("Running")'},
        click('button[name="action_start_attempts"]', "ask back now"),
        click(".modal .btn-primary", "yes"),
        {trigger: '.o_notification:contains("5 attempts have begun")'},
        click('button[name="action_attempts"]:contains("Targeted")', "whom we ask"),
        {trigger: ".o_data_row"},
        menu("winback_menu"),
        menu("winback_customers_menu"),
        {trigger: ".o_list_view .o_data_row"},
        click(
            '[data-menu-xmlid="customer_lifecycle.customer_lifecycle_menu_reporting"]'
        ),
        menu("winback_dashboard_menu"),
        {trigger: '.o_lifecycle_kpi[data-kpi="rate"]', content: "the figures follow"},
    ],
});

tours.add("winback_load", {
    steps: () => [
        {
            ...click('.o_view_nocontent a:contains("Load the campaign")', "load it"),
            expectUnloadPage: true,
        },
        click(
            '.o_content:not(.o_view_sample_data) .o_data_row .o_data_cell[name=name]:contains("Come back to us")',
            "open it"
        ),
        {trigger: '.o_journey_step:contains("We miss you")'},
        {trigger: '.o_field_widget[name="is_active"]:contains("Off")'},
    ],
});

tours.add("winback_results", {
    steps: () => [
        {trigger: '.o_lifecycle_kpi[data-kpi="rate"]', content: "key figures"},
        {trigger: ".o_winback_months tbody tr", content: "months"},
        click('button[data-open="all"]', "who is behind them"),
        {trigger: ".o_list_view .o_data_row", content: "all attempts"},
        click(".o_back_button, .breadcrumb-item:not(.active) a", "back"),
        click(".o_journey_open[data-campaign]", "the campaign"),
        {trigger: ".o_journey_funnel_step", content: "how far customers came"},
        {trigger: ".o_lifecycle_panel:contains('What the campaign changed')"},
        click('button.o_journey_funnel_step[data-step="enrolled"]', "who they are"),
        {trigger: ".o_data_row"},
        click(".o_data_row:contains('Active') .o_data_cell[name=customer_id]", "one"),
        click('.o_form_view button[name="action_cancel"]', "take out"),
        click(".modal .btn-primary", "yes"),
        {trigger: '.o_arrow_button_current:contains("Exhausted")'},
    ],
});
