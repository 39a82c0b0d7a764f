import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

/** A straight band of the picture has no height of its own: click it directly. */
function clickBand(selector) {
    return {
        trigger: ".o_lifecycle_sankey svg",
        run: () =>
            document.querySelector(selector).dispatchEvent(new MouseEvent("click")),
    };
}

/** Opens what lies behind a figure, and comes back to the dashboard. */
function through(trigger, title, open = click(trigger, `open ${title}`)) {
    return [
        open,
        {trigger: `.o_last_breadcrumb_item:contains("${title}")`, content: title},
        {trigger: ".o_list_view .o_data_row", content: "the records are listed"},
        click(".o_back_button, .breadcrumb-item a:contains('Dashboard')", "back"),
        {trigger: ".o_lifecycle_kpis", content: "the dashboard again"},
    ];
}

tours.add("lifecycle_dashboard", {
    steps: () => [
        {trigger: '.o_lifecycle_kpi[data-kpi="retention"]', content: "figures show"},
        click('.o_lifecycle_period [data-preset="365d"]', "a whole year"),
        {trigger: '.o_lifecycle_period .active[data-preset="365d"]'},
        {trigger: ".o_lifecycle_dashboard_body:not(.o_lifecycle_stale)"},
        {trigger: ".o_lifecycle_trend canvas", content: "the trend is drawn"},
        ...through('[data-kpi="new_customers"] button', "New customers"),
        ...through('.o_lifecycle_stage_list [data-stage="churned"]', "Churned"),
        ...through('.o_lifecycle_funnel [data-step="first_order"]', "First order"),
        ...through(".o_lifecycle_cohorts tbody th button", "Signed up"),
        ...through("", "to Churned", clickBand('.o_lifecycle_band[data-to="churned"]')),
        click('.o_lifecycle_wide [data-choice="table"]', "flow as a table"),
        ...through('.o_lifecycle_matrix td[data-to="churned"] button', "to Churned"),
        click('.o_lifecycle_distribution [data-choice="revenue"]', "revenue by stage"),
        {trigger: ".o_lifecycle_ring_center:contains('revenue')"},
        {trigger: "body:not(:has(.o_lifecycle_export))", content: "for managers only"},
    ],
});

tours.add("lifecycle_dashboard_export", {
    steps: () => [
        click(".o_lifecycle_export:enabled", "export"),
        {trigger: '.o_lifecycle_export_csv[href*="/export/csv?date_from="]'},
        {trigger: '.o_lifecycle_export_xlsx[href*="/export/xlsx?date_from="]'},
    ],
});

tours.add("lifecycle_dashboard_empty", {
    steps: () => [
        {trigger: ".o_lifecycle_message:contains('No customers yet')"},
        click(".o_lifecycle_message .btn-primary", "bring the history"),
        {trigger: ".o_view_controller", content: "the importer opens"},
    ],
});

tours.add("lifecycle_dashboard_denied", {
    steps: () => [
        {trigger: ".o_lifecycle_message:contains('for marketers')"},
        {trigger: "body:not(:has(.o_lifecycle_kpi)):not(:has(.modal))"},
    ],
});

function whyOfStage() {
    return [
        {trigger: ".o_lifecycle_card .o_lifecycle_badge:contains('Churned')"},
        click(".o_lifecycle_why_toggle", "why?"),
        {trigger: ".o_lifecycle_sentence:contains('No order for')"},
        {trigger: ".o_lifecycle_ruler:contains('days of silence')"},
        {trigger: ".o_lifecycle_score:contains('of 55 points')"},
        {trigger: ".o_lifecycle_facts:contains('Last order')"},
        click(".o_lifecycle_why_toggle", "close it"),
        {trigger: ".o_lifecycle_card:not(:has(.o_lifecycle_why))"},
    ];
}

function orderBehind() {
    return [
        click(".o_lifecycle_event_open", "open the order"),
        {trigger: ".o_form_view:not(:has(.o_lifecycle_card)) [name=order_line]"},
    ];
}

tours.add("lifecycle_customer", {
    steps: () => [
        ...whyOfStage(),
        click('.o_lifecycle_types [data-type="order_confirmed"]', "orders only"),
        {
            trigger:
                '.o_lifecycle_timeline:not(:has(.o_lifecycle_event[data-type="stage_changed"]))',
        },
        ...orderBehind(),
        click(".o_back_button, .breadcrumb-item a:contains('Lena')", "back"),
        click('.o_lifecycle_types [data-type="stage_changed"]', "stages only"),
        click(".o_lifecycle_event_open", "open the change of stage"),
        {trigger: ".o_form_view:not(:has(.o_lifecycle_card)) [name=to_stage]"},
    ],
});

tours.add("lifecycle_partner", {
    steps: () => [
        click(".o_notebook a[name=customer_lifecycle]", "the contact's lifecycle"),
        ...whyOfStage(),
        click('.o_lifecycle_types [data-type="order_confirmed"]', "orders only"),
        ...orderBehind(),
    ],
});

tours.add("lifecycle_policy", {
    steps: () => [
        {trigger: ".o_lifecycle_headline:contains('how customers stand today')"},
        {
            trigger: "div[name=churn_days] input",
            content: "patience for half a year more",
            run: "edit 3000 && press Tab",
        },
        {trigger: ".o_lifecycle_headline:contains('would move')"},
        {trigger: '.o_lifecycle_matrix tr[data-from="churned"] .o_lifecycle_moved'},
        {
            trigger: "div[name=churn_days] input",
            content: "out of order",
            run: "edit 1 && press Tab",
        },
        {trigger: ".o_lifecycle_preview .alert:contains('out of order')"},
        click(".o_form_button_cancel", "leave the policy as it is"),
        {trigger: ".o_lifecycle_headline:contains('how customers stand today')"},
        {trigger: ".o_lifecycle_preview:not(:has(.alert))"},
    ],
});

const CARD = ".o_kanban_record:contains('Rita Risky')";

tours.add("lifecycle_board", {
    steps: () => [
        {trigger: `${CARD} :contains('at stake')`, content: "why, and how much"},
        click(`${CARD} [name=action_log_note]`, "write a note"),
        {
            trigger: ".modal .odoo-editor-editable",
            content: "what was said",
            run: "editor Prefers mornings",
        },
        click(".modal button[name=action_send_mail]:visible", "log it"),
        {trigger: "body:not(:has(.modal))"},
        click(`${CARD} [name=action_schedule_call]`, "plan a call"),
        click(".modal button[name=action_schedule_activities]:visible", "schedule"),
        {trigger: "body:not(:has(.modal))"},
        click(`${CARD} [name=action_mark_handled]`, "handled"),
        {
            trigger: ".modal div[name=days] input",
            content: "a week's rest",
            run: "edit 7 && press Tab",
        },
        click(".modal button[name=action_apply]", "confirm"),
        {
            trigger: `body:not(:has(.modal)):not(:has(${CARD}))`,
            content: "off the board",
        },
        click(".o_facet_remove", "show the resting, too"),
        click(`${CARD} [name=action_undo_handled]`, "undo"),
        {trigger: `${CARD} [name=action_mark_handled]`, content: "back again"},
    ],
});

/** Opens a menu entry (of a drop-down, when it has a section). */
function menu(section, name, title = name) {
    const entry = `.o_menu_sections .o_nav_entry:contains("${name}")`;
    const inside = `.o-dropdown--menu .dropdown-item:contains("${name}")`;
    return [
        ...(section
            ? [
                  click(
                      `.o_menu_sections .dropdown-toggle:contains("${section}")`,
                      section
                  ),
                  click(inside, name),
              ]
            : [click(entry, name)]),
        ...(title
            ? [
                  {
                      trigger: `.o_last_breadcrumb_item:contains("${title}")`,
                      content: title,
                  },
              ]
            : []),
    ];
}

/** Walks through the views of the open action. */
function views(...types) {
    return types.flatMap((type) => [
        click(`.o_switch_view.o_${type}`, type),
        {trigger: `.o_${type}_view, .o_${type}_renderer`, content: `${type} shows`},
    ]);
}

tours.add("lifecycle_menus", {
    steps: () => [
        {trigger: ".o_lifecycle_kpis"},
        ...menu(null, "At-Risk Board"),
        ...views("list", "kanban"),
        ...menu(null, "Customers by Stage"),
        ...views("graph", "pivot", "list"),
        ...menu("Reporting", "Stage Changes"),
        ...views("graph", "pivot", "list"),
        ...menu("Reporting", "Timeline"),
        ...menu("Reporting", "Daily Statistics"),
        ...views("list", "graph"),
        ...menu("Configuration", "Lifecycle Policy", ""),
        {trigger: ".o_lifecycle_headline"},
        ...menu("Configuration", "Waiting Events"),
        {trigger: ".o_list_view, .o_view_nocontent"},
    ],
});

function choose(field, name, text) {
    const files = new DataTransfer();
    files.items.add(new File([text], name, {type: "text/csv"}));
    const input = field.querySelector('input[type="file"]');
    input.files = files.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

/** A file with two customers, a line seen twice, and one that cannot be read. */
const PURCHASES = [
    "customer,date,amount",
    "Ida Import,2026-01-05,12.50",
    "Ivo Import,2026-02-06,20",
    "Ida Import,2026-01-05,12.50",
    "Ida Import,2026-13-45,7",
].join("\n");

tours.add("lifecycle_import", {
    steps: () => [
        click(".o_list_button_add", "a new import"),
        {
            trigger: '.o_field_widget[name="data"]',
            content: "choose the file",
            run: ({anchor}) => choose(anchor, "purchases.csv", PURCHASES),
        },
        {
            trigger: '.o_field_widget[name="data"] .o_clear_file_button',
            content: "the browser has read it",
        },
        click(".o_form_button_save", "save"),
        {
            trigger: '.o_field_widget[name="preview"]:contains("Ida Import")',
            content: "what was understood is shown before anything is loaded",
        },
        click('button[name="action_start"]:visible', "start"),
        {trigger: '.o_arrow_button_current:contains("Running")', content: "at work"},
    ],
});

tours.add("lifecycle_import_result", {
    steps: () => [
        {trigger: '.o_arrow_button_current:contains("Done")', content: "finished"},
        {trigger: '.o_field_widget[name="orders"]:contains("2")'},
        click('.nav-link:contains("Lines")', "what was left out"),
        {trigger: '[name="error_ids"] .o_data_row:contains("2026-13-45")'},
        {trigger: '[name="error_ids"] td[name="line"]:contains("5")'},
        {trigger: '[name="error_ids"] td[name="line"]:contains("4")'},
    ],
});

tours.add("lifecycle_privacy", {
    steps: () => [
        click(".o_cp_action_menus button", "what can be done"),
        click('.o_menu_item:contains("Privacy Request")', "privacy"),
        {
            trigger: '.modal [name=summary]:contains("Customer Lifecycle: 1")',
            content: "what is known",
        },
        {
            trigger: ".modal div[name=note] input",
            content: "who asked",
            run: "edit Asked at the counter && press Tab",
        },
        click(".modal button[name=action_erase]", "forget"),
        click('.modal-footer .btn-primary:contains("Ok")', "really"),
        {trigger: '.o_notification:contains("Erased")', content: "done"},
    ],
});
