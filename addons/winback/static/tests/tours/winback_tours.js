import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const click = (trigger, content = trigger) => ({trigger, content, run: "click"});

tours.add("winback_results", {
    steps: () => [
        {trigger: '.o_lifecycle_kpi[data-kpi="rate"]', content: "key figures"},
        {trigger: ".o_winback_months tbody tr", content: "months"},
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
