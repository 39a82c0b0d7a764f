import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const open = (path, what) => [
    {
        content: `Open ${what}`,
        trigger: `.o_data_row:contains(${what}) .o_data_cell`,
        run: "click",
    },
];

tours.add("journey_dry_run", {
    steps: () => [
        ...open("test-journeys", "Milk for everybody"),
        {trigger: "button[name=action_dry_run]", run: "click"},
        {
            content: "Figures of the run",
            trigger: ".o_field_widget[name=entering]:contains(3)",
        },
        {trigger: "td:contains(No consent)"},
        {trigger: "button[name=action_chart]", run: "click"},
        {content: "The chart is drawn", trigger: ".o_graph_canvas_container canvas"},
    ],
});

tours.add("journey_test_run", {
    steps: () => [
        ...open("test-journeys", "Milk for everybody"),
        {trigger: "button[name=action_test_run]", run: "click"},
        {
            trigger: ".modal .o_field_widget[name=customer_id] input",
            run: "edit Karim Agrees",
        },
        {
            trigger: ".modal .ui-autocomplete a:contains(Karim Agrees)",
            run: "click",
        },
        {trigger: ".modal button[name=action_send]", run: "click"},
        {trigger: ".modal td:contains(Would be sent now)"},
        {trigger: ".modal td:contains(Milk for Karim Agrees)"},
    ],
});

tours.add("journey_deliveries", {
    steps: () => [
        {trigger: ".o_data_row:contains(Queued)"},
        {trigger: ".o_data_row:contains(No consent) .o_data_cell", run: "click"},
        {trigger: ".o_form_view .alert:contains(No consent)"},
        {trigger: ".o_back_button", run: "click"},
        {trigger: ".o_switch_view.o_graph", run: "click"},
        {trigger: ".o_graph_canvas_container canvas"},
    ],
});
