import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

tours.add("feedback_case", {
    steps: () => [
        {trigger: ".o_form_view blockquote:contains('The milk was sour')"},
        {trigger: ".o_field_widget[name=call_phone]", content: "asked to be called"},
        click("button[name=action_close]", "not without an outcome"),
        {trigger: ".o_notification_bar, .modal .modal-body", content: "it says so"},
        click(".o_notification_close, .modal .btn-close, .modal-footer .btn-primary"),
        click(".o_field_widget[name=outcome] .o_select_menu_toggler", "how it ended"),
        click(".o_select_menu_item:contains('Solved')", "it was solved"),
        {
            trigger: ".o_field_widget[name=note] textarea",
            run: "edit Brought fresh milk",
        },
        click("button[name=action_close]", "close the loop"),
        {trigger: "button[name=action_reopen]", content: "it can be taken up again"},
    ],
});

tours.add("feedback_dashboard", {
    steps: () => [
        {trigger: ".o_feedback_gauge_text:contains('.')", content: "the score shows"},
        {trigger: ".o_feedback_trend canvas", content: "the trend is drawn"},
        click(".o_feedback_trend [data-choice=weeks]", "by week"),
        {trigger: ".o_feedback_trend .active[data-choice=weeks]"},
        click(".o_feedback_groups [data-choice=tiers]", "by tier"),
        {trigger: ".o_feedback_group[data-key=gold]"},
        click(".o_feedback_groups [data-choice=product_categories]", "by products"),
        {trigger: ".o_feedback_group:contains('Milk')"},
        {
            trigger: ".o_feedback_search",
            content: "search the words",
            run: "edit sour",
        },
        {trigger: ".o_feedback_words_panel:not(:contains('Lovely'))"},
        {trigger: ".o_feedback_word:contains('sour')"},
        click(".o_feedback_words_panel [data-category=promoter]", "of promoters"),
        {trigger: ".o_feedback_no_words", content: "promoters say no such thing"},
        {trigger: ".o_feedback_search", run: "edit love"},
        {trigger: ".o_feedback_word:contains('Lovely')"},
        click(".o_feedback_part[data-category=detractor]", "who is unhappy"),
        {trigger: ".o_last_breadcrumb_item:contains('Detractors')"},
        {trigger: ".o_list_view .o_data_row"},
        click(".o_back_button, .breadcrumb-item a:contains('Feedback')", "back"),
        click(".o_feedback_bar[data-score='10']", "who gave ten"),
        {trigger: ".o_last_breadcrumb_item:contains('Score 10')"},
        click(".o_back_button, .breadcrumb-item a:contains('Feedback')", "back"),
        click(".o_feedback_case", "the oldest case"),
        {trigger: "button[name=action_close]"},
        click(".o_back_button, .breadcrumb-item a:contains('Feedback')", "back"),
        click('.o_lifecycle_period [data-preset="7d"]', "a week"),
        {trigger: '.o_lifecycle_period .active[data-preset="7d"]'},
    ],
});

tours.add("feedback_survey", {
    steps: () => [
        click(".o_list_button_add", "a survey of one's own"),
        {trigger: ".o_field_widget[name=name] input", run: "edit Tour survey"},
        {
            trigger: ".o_field_widget[name=trigger_type]",
            content: "after a number of orders",
            run: () => {
                const badges = [
                    ...document.querySelectorAll(
                        ".o_field_widget[name=trigger_type] .o_selection_badge, .o_field_widget[name=trigger_type] span"
                    ),
                ];
                badges
                    .find((el) => el.textContent.includes("number of orders"))
                    .click();
            },
        },
        {trigger: ".o_field_widget[name=order_count] input", run: "edit 3"},
        {trigger: ".o_field_widget[name=sample_percent] input", run: "edit 50"},
        click(".o_form_button_save", "save"),
        {trigger: ".o_field_widget[name=trigger_sentence]:contains('order number 3')"},
        click("button[name=action_start]", "start"),
        {trigger: "button[name=action_stop]", content: "it asks from now on"},
    ],
});

const menu = (addon, name) => click(`[data-menu-xmlid="${addon}.${name}"]`, name);
const tab = (name) => click(`.o_notebook .nav-link[name=${name}]`, name);
const badge = (name) => ({
    trigger: `.o_field_widget[name=trigger_type] :contains("${name}")`,
    content: name,
    run: () => {
        const found = document.querySelectorAll(
            ".o_field_widget[name=trigger_type] .o_selection_badge, .o_field_widget[name=trigger_type] span"
        );
        [...found].find((el) => el.textContent.includes(name)).click();
    },
});

// "A survey" of docs/marketer.md, click by click.
tours.add("feedback_guide", {
    steps: () => [
        menu("nps_feedback", "nps_feedback_menu"),
        menu("nps_feedback", "nps_survey_menu"),
        click(".o_list_button_add", "New"),
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit After the third order",
        },
        badge("After a number of orders"),
        {trigger: ".o_field_widget[name=order_count] input", run: "edit 3"},
        {trigger: ".o_field_widget[name=cooldown_days] input", run: "edit 60"},
        {trigger: ".o_field_widget[name=trigger_sentence]:contains('order number 3')"},
        tab("questions"),
        {trigger: ".o_field_widget[name=followup_detractor]"},
        tab("messages"),
        {trigger: ".o_field_widget[name=reminder_days]"},
        tab("thanks"),
        {trigger: ".o_field_widget[name=review_url]"},
        click(".o_form_button_save", "save"),
        click("button[name=action_test_run]", "Test Run"),
        {
            trigger: ".modal .o_field_widget[name=customer_id] input",
            run: "edit Guide Rahima",
        },
        click(".o-autocomplete--dropdown-item:contains('Guide Rahima')"),
        click(".modal button[name=action_send]", "Send to Me"),
        {trigger: ".modal .o_data_row .o_data_cell[name=subject]:not(:empty)"},
        click(".modal .btn-secondary:contains('Close')"),
        click("button[name=action_dry_run]", "Dry Run"),
        click("button[name=action_play]", "Play"),
        {trigger: ".alert:contains('Nobody would enter'), .o_data_row"},
        menu("nps_feedback", "nps_feedback_menu"),
        menu("nps_feedback", "nps_survey_menu"),
        click(".o_data_row .o_data_cell[name=name]:contains('After the third order')"),
        click("button[name=action_start]", "Start"),
        {trigger: ".o_form_statusbar .badge:contains('Running')"},
        menu("nps_feedback", "nps_feedback_menu"),
        menu("nps_feedback", "nps_dashboard_menu"),
        {trigger: ".o_feedback_gauge_text:contains('.')"},
        menu("nps_feedback", "nps_feedback_menu"),
        menu("nps_feedback", "nps_case_menu"),
        click(".o_data_row .o_data_cell:first", "a case"),
        {trigger: "button[name=action_close]:contains('Close the Case')"},
    ],
});
