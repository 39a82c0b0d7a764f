import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const click = (trigger, content = trigger) => ({trigger, content, run: "click"});
const fill = (trigger, text) => ({
    trigger,
    content: `write "${text}"`,
    // A function: in a text, some characters would mean something.
    async run({edit, press}) {
        await edit(text);
        await press("Tab");
    },
});
const input = (name) => `.o_field_widget[name="${name}"] input`;
const tab = (name) => click(`.o_notebook .nav-link[name="${name}"]`, name);
const MODAL = ".modal ";
const gone = {trigger: "body:not(:has(.modal))", content: "the dialog is closed"};
const switchTo = (view, ready) => [
    click(`.o_switch_view.o_${view}`, view),
    {trigger: ready, content: `the ${view}`},
];
const menu = (xmlid, title) => [
    click('.o_menu_sections [data-menu-xmlid="loyalty_program.loyalty_menu"]'),
    click(`.o-dropdown--menu [data-menu-xmlid="loyalty_program.${xmlid}"]`),
    {trigger: `.o_last_breadcrumb_item:contains("${title}")`, content: title},
];
const back = [
    click(".o_back_button, .breadcrumb-item:last-of-type a", "back"),
    {trigger: ".o_loyalty_dashboard .o_lifecycle_kpis", content: "the dashboard again"},
];
const through = (trigger, title) => [
    click(trigger, `open ${title}`),
    {trigger: `.o_last_breadcrumb_item:contains("${title}")`},
    {trigger: ".o_list_view .o_data_row", content: "the records are listed"},
    ...back,
];

tours.add("loyalty_dashboard", {
    steps: () => [
        {trigger: '.o_lifecycle_kpi[data-kpi="liability"]'},
        {trigger: ".o_loyalty_chart canvas", content: "the months are drawn"},
        {trigger: '[data-kpi="enrollment"] .o_lifecycle_bar'},
        ...through('[data-kpi="members"] button', "Members"),
        ...through('[data-kpi="issued"] button', "Points issued"),
        ...through('[data-kpi="redeemed"] button', "Points redeemed"),
        ...through('[data-kpi="liability"] button', "Members with points"),
        ...through('.o_loyalty_row[data-tier="gold"]', "Gold"),
        ...through(".o_loyalty_expiring_open", "Points about to expire"),
    ],
});

tours.add("loyalty_members", {
    steps: () => [
        {trigger: ".o_list_view .o_loyalty_tier"},
        ...switchTo("kanban", ".o_kanban_record:contains('Gloria Gold')"),
        ...switchTo("graph", ".o_graph_view canvas"),
        ...switchTo("list", ".o_list_view .o_data_row"),
        click(".o_data_row:contains('Gloria Gold') .o_data_cell", "Gloria's card"),
        {trigger: ".o_loyalty_card:contains('Gloria Gold'):contains('Gold')"},
        {trigger: ".o_field_widget[name=transaction_ids] .o_data_row"},
        tab("lots"),
        {trigger: ".o_field_widget[name=lot_ids] .o_data_row"},
        tab("pending"),
        {trigger: ".o_field_widget[name=pending_ids] .o_list_view"},
        tab("codes"),
        {trigger: ".o_field_widget[name=code_ids] .badge:contains('Open')"},
        tab("transactions"),
        click(".o_field_widget[name=transaction_ids] .o_data_cell", "a transaction"),
        {trigger: `${MODAL}.o_field_widget[name=balance_after]`},
        click(`${MODAL}.btn-close`),
        gone,
        {trigger: "body:not(:has(button[name=action_adjust]))", content: "no manager"},
        click("button[name=action_open_transactions]", "the ledger"),
        {trigger: ".o_list_view .o_data_row"},
        ...switchTo("pivot", ".o_pivot table"),
        ...switchTo("graph", ".o_graph_view canvas"),
        ...menu("loyalty_pending_menu", "Pending Points"),
        ...switchTo("kanban", ".o_kanban_record"),
        ...menu("loyalty_referral_menu", "Referrals"),
        {trigger: ".o_list_view .o_data_row:contains('Frida Friend')"},
        ...switchTo("kanban", ".o_kanban_record:contains('Frida Friend')"),
        ...switchTo("graph", ".o_graph_view canvas"),
        ...menu("loyalty_tier_menu", "Tiers"),
        {trigger: ".o_kanban_record:contains('Platinum'):contains('Members: 1')"},
        ...switchTo("list", ".o_list_view .o_data_row"),
        ...menu("loyalty_reward_menu", "Rewards"),
        click(".o_data_row .o_data_cell", "a reward"),
        {trigger: ".o_form_view .o_field_widget[name=discount_applicability]"},
        ...menu("loyalty_program_menu", "Loyalty Programs"),
        click(".o_data_row:contains('Dairy Club') .o_data_cell", "the program"),
        tab("loyalty_accounts"),
        {trigger: ".o_field_widget[name=tier_ids] .o_data_row:contains('Platinum')"},
    ],
});

tours.add("loyalty_adjust", {
    steps: () => [
        {trigger: ".o_loyalty_card_balance:contains('6,000')"},
        click("button[name=action_adjust]", "adjust"),
        fill(`${MODAL}${input("points")}`, "25"),
        {trigger: `${MODAL}[name=balance_after]:contains("6,025")`},
        click(`${MODAL}button[name=action_apply]`, "without a reason"),
        {trigger: `${MODAL}.o_field_invalid[name=reason]`, content: "it is needed"},
        fill(`${MODAL}${input("reason")}`, "Late delivery"),
        click(`${MODAL}button[name=action_apply]`, "adjust"),
        gone,
        {trigger: ".o_loyalty_card_balance:contains('6,025')"},
        {trigger: ".o_field_widget[name=transaction_ids] :contains('Late delivery')"},
    ],
});

tours.add("loyalty_review", {
    steps: () => [
        {trigger: ".o_data_row", content: "something is held"},
        click('.o_menu_sections [data-menu-xmlid="loyalty_program.loyalty_menu"]'),
        {
            trigger:
                '.o-dropdown--menu [data-menu-xmlid="loyalty_program.loyalty_review_menu"]:contains("(2)")',
            content: "the menu counts",
        },
        click('.o_menu_sections [data-menu-xmlid="loyalty_program.loyalty_menu"]'),
        ...switchTo("kanban", ".o_kanban_record button[name=action_review]"),
        ...switchTo("list", ".o_data_row"),
        click(".o_data_row:contains('Vera Velocity') button[name=action_review]"),
        {trigger: `${MODAL}.o_data_row:contains("Vera Velocity")`},
        click(`${MODAL}button[name=action_reject]`, "without a reason"),
        {trigger: `${MODAL}.o_field_invalid[name=reason]`, content: "it is needed"},
        fill(`${MODAL}${input("reason")}`, "Three cards, one address"),
        click(`${MODAL}button[name=action_reject]`),
        gone,
        {trigger: ".o_list_view:not(:contains('Vera Velocity'))"},
        click(".o_list_record_selector input", "all of them"),
        click(".o_control_panel button[name=action_review]", "decide"),
        fill(`${MODAL}${input("reason")}`, "A wedding"),
        click(`${MODAL}button[name=action_approve]`),
        gone,
        {trigger: ".o_view_nocontent:contains('Nothing to review')"},
    ],
});

tours.add("loyalty_program_new", {
    steps: () => [
        click(".loyalty-template:contains('Loyalty program with tiers')"),
        {trigger: ".o_form_view button[name=action_open_members]"},
        tab("loyalty_accounts"),
        {trigger: ".o_field_widget[name=tier_ids] .o_data_row:contains('Platinum')"},
        {
            trigger:
                ".o_field_widget[name=earning_rule_ids] .o_data_row:contains('Review')",
        },
        fill(input("code"), "tour_club"),
        fill(input("daily_earning_cap"), "2000"),
        click(".o_field_widget[name=tier_ids] .o_data_row:contains('Gold') td"),
        {trigger: `${MODAL}.o_field_widget[name=benefit_ids] .o_data_row`},
        fill(`${MODAL}${input("min_points")}`, "6000"),
        click(`${MODAL}.o_form_button_save`),
        gone,
        click(".o_form_button_save", "save"),
        {trigger: ".o_form_saved"},
    ],
});

tours.add("loyalty_contact", {
    steps: () => [
        click("button[name=action_view_loyalty_accounts]:contains('6,000')"),
        {trigger: ".o_loyalty_card:contains('Gloria Gold')"},
        {trigger: ".o_notebook:not(:has([name=lots]))", content: "not for sales"},
        click("button[name=action_open_transactions]", "the ledger"),
        {trigger: ".o_list_view .o_data_row"},
    ],
});

tours.add("loyalty_standard_card", {
    steps: () => [
        {trigger: ".o_form_view [role=status]:contains('stands in the ledger')"},
        click("button[name=action_open_ledger]", "the ledger"),
        {trigger: ".o_list_view .o_data_row"},
        click(".breadcrumb-item:last-of-type a, .o_back_button", "the card again"),
        click("button[name=action_open_account]", "the account"),
        {trigger: ".o_loyalty_card:contains('Gloria Gold')"},
    ],
});

tours.add("loyalty_dashboard_empty", {
    steps: () => [
        {trigger: ".o_lifecycle_message:contains('No loyalty program')"},
        click(".o_lifecycle_message .btn-primary", "to the programs"),
        {trigger: ".o_last_breadcrumb_item:contains('Loyalty Programs')"},
    ],
});

tours.add("loyalty_dashboard_denied", {
    steps: () => [
        {trigger: ".o_lifecycle_message:contains('for marketers')"},
        {trigger: "body:not(:has(.o_lifecycle_kpi)):not(:has(.modal))"},
    ],
});

tours.add("loyalty_backfill", {
    steps: () => [
        click(".o_list_button_add", "new"),
        {trigger: '.o_field_widget[name="program_id"] input:value("Dairy Club")'},
        {trigger: '.o_field_widget[name="order_total"]:contains("1")'},
        click("button[name=action_start]", "credit past orders"),
        click(".modal .btn-primary", "yes"),
        gone,
        {trigger: '.o_statusbar_status .o_arrow_button_current:contains("Running")'},
        {trigger: ".o_field_widget[name=progress] .o_progressbar"},
        click("button[name=action_stop]", "stop"),
        {trigger: "button[name=action_start]", content: "it may go on"},
        click("button[name=action_start]", "go on"),
        click(".modal .btn-primary", "yes"),
        gone,
        {trigger: "button[name=action_stop]"},
    ],
});
