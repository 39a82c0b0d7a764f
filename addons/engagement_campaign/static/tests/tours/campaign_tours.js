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
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const mail = (days = 0, hours = 0) => [
    ...wait("delay_hours", days, hours, MODAL),
    ...pick("template_id", "Tour: we miss you", MODAL),
    {
        trigger: `${MODAL}.o_journey_mail iframe`,
        content: "the mail is shown as a customer would see it",
    },
];

tours.add("campaign_build_stage_entry", {
    steps: () => [
        ...begin("Tour stage", "A customer enters a stage"),
        ...select("trigger_stage", "At Risk"),
        ...select("trigger_from_stage", "Active"),
        ...wait("delay_hours", 0, 2),
        {trigger: '.o_journey_sentence:contains("2 hours after")'},
        ...step("A mail", ...mail()),
        ...step(
            "A note",
            ...select("channel", "Push notification", MODAL),
            fill(`${MODAL}${input("title")}`, "We miss you"),
            {
                trigger: `${MODAL}${field("body")} textarea`,
                run: "edit Come back, {{ object.name }}",
            },
            ...wait("delay_hours", 2, 3, MODAL),
            {trigger: `${MODAL}.o_journey_bubble:contains("Come back")`}
        ),
        {trigger: '.o_journey_step:contains("Day 2, 3 h")'},
        ...save(),
    ],
});

tours.add("campaign_build_event", {
    steps: () => [
        ...begin("Tour event", "Something happens"),
        ...select("event_type", "First order"),
        {trigger: '.o_journey_sentence:contains("First order")'},
        ...step("Second", ...mail(1)),
        ...step("First", ...mail()),
        {
            trigger: '.o_kanban_record:contains("First")',
            content: "the last one first",
            run: 'drag_and_drop(.o_journey_step:contains("Second"))',
        },
        {
            trigger:
                '.o_kanban_record:contains("First") ~ .o_kanban_record:contains("Second")',
        },
        tab("Offer"),
        ...pick("offer_id", "Tour: 10 % off"),
        ...save(),
    ],
});

tours.add("campaign_build_schedule", {
    steps: () => [
        ...begin("Tour schedule", "A date comes"),
        ...select("schedule_kind", "Days after the last order"),
        fill(input("schedule_days"), "14"),
        fill(input("schedule_hour"), "10:30"),
        {trigger: '.o_journey_sentence:contains("14 days after the last order")'},
        ...step("A mail", ...mail()),
        tab("Goal"),
        fill(input("holdout_percent"), "10"),
        fill(input("attribution_days"), "21"),
        ...save(),
    ],
});

tours.add("campaign_build_milestone", {
    steps: () => [
        ...begin("Tour milestone", "A customer reaches a milestone"),
        ...select("milestone", "Orders"),
        fill(input("milestone_targets"), "1, 5, 10"),
        ...step("A mail", ...mail()),
        tab("Offer"),
        {
            trigger: input("offer_id"),
            content: "an offer that there is not yet",
            run: "edit Tour: a gift",
        },
        click('.ui-autocomplete a:contains("Create and edit")', "create it"),
        fill(`${MODAL}${input("value")}`, "15"),
        click(`${MODAL}.o_form_button_save`, "keep the offer"),
        {trigger: "body:not(:has(.modal))"},
        ...save(),
    ],
});

tours.add("campaign_build_segment", {
    steps: () => [
        ...begin("Tour segment", "A customer belongs to a segment"),
        ...pick("target_segment_id", "Tour segment"),
        ...select("target_stage", "Active"),
        ...step("A mail", ...mail()),
        tab("Limits"),
        fill(input("max_sends_per_customer"), "2"),
        fill(input("exclusive_group"), "tour"),
        ...save(),
    ],
});

tours.add("campaign_discard", {
    steps: () => [
        {trigger: '.o_journey_step:contains("We miss you")'},
        fill(input("name"), "Something else"),
        ...step("Not to be kept", ...mail(1)),
        {
            trigger: '.o_journey_step:contains("Ten per cent")',
            content: "open a step",
            run: "click",
        },
        fill(`${MODAL}${input("name")}`, "Twenty per cent"),
        click(`${MODAL}.o_form_button_save`),
        {trigger: '.o_journey_step:contains("Twenty per cent")'},
        click(".o_form_button_cancel", "discard all of it"),
        {trigger: '.o_journey_step:contains("Ten per cent")'},
        {
            trigger:
                '.o_journey_steps:not(:has(.o_journey_step:contains("Not to be kept")))',
        },
    ],
});

tours.add("campaign_run", {
    steps: () => [
        click(".o_journey_count", "who would enter?"),
        {trigger: '.o_journey_entering:contains("48")'},
        {trigger: '.o_journey_reach:contains("No consent")'},
        {trigger: ".o_journey_reach select", run: "select 14"},
        {
            trigger:
                '.o_journey_reach li:contains("36"):contains("get the first message")',
        },
        ...select("campaign_type", "Win-back"),
        {trigger: '.o_journey_reach:contains("your changes are not in it")'},
        ...save(),
        {trigger: '.o_journey_outdated:contains("before your last changes")'},
        click(".o_journey_outdated button", "count again"),
        {
            trigger:
                ".o_journey_reach:has(.o_journey_entering):not(:has(.o_journey_outdated))",
        },
        click('button[name="action_start"]', "start"),
        {trigger: '.o_form_statusbar .badge:contains("Running")'},
        click('button[name="action_dry_run"]', "dry run"),
        {trigger: `${field("entering")}:contains("48")`},
        click(".o_back_button, .breadcrumb-item a:contains('Tour run')", "back"),
        click('.oe_stat_button[name="action_participants"]', "participants"),
        {trigger: ".o_view_nocontent, .o_list_view"},
        click(".breadcrumb-item a:contains('Tour run')", "back"),
        click('.oe_stat_button[name="action_statistics"]:last', "statistics"),
        {trigger: '.o_lifecycle_message:contains("Nobody has entered yet")'},
        click(".breadcrumb-item a:contains('Tour run')", "back"),
        click('button[name="action_stop"]', "stop"),
        click(".modal .btn-primary", "yes"),
        {trigger: '.o_form_statusbar .badge:contains("Paused")'},
    ],
});

tours.add("campaign_participants", {
    steps: () => [
        click('.o_data_row:contains("Active") .o_data_cell[name="campaign_id"]'),
        {trigger: ".o_journey_log .o_journey_log_mark"},
        click('button[name="action_cancel"]', "take out"),
        click(".modal .btn-primary", "yes"),
        {trigger: '.o_arrow_button_current:contains("Cancelled")'},
        click(".breadcrumb-item a:contains('Participants')", "back"),
        ...["kanban", "graph", "pivot", "list"].flatMap((type) => [
            click(`.o_switch_view.o_${type}`, type),
            {trigger: `.o_${type}_view, .o_${type}_renderer`},
        ]),
    ],
});

tours.add("campaign_statistics", {
    steps: () => [
        click('.o_journey_overview .o_journey_open:contains("We miss you")'),
        {trigger: '[data-kpi="enrolled"]'},
        {trigger: ".o_journey_statistics canvas"},
        {trigger: '[data-step="hello"]:contains("No consent")'},
        {trigger: '.o_journey_lifts:contains("Too small to tell")'},
        {trigger: ".o_journey_lifts:not(:has(.o_journey_interval))"},
        {
            trigger: '.o_journey_difference:contains("percentage points")',
            content: "a difference of rates is no rate",
        },
        {
            trigger:
                '[data-step="call"]:contains("To your colleagues"):not(:contains("opened"))',
        },
        click('[data-step="converted"]', "who converted"),
        {trigger: '.o_data_row:contains("Converted")'},
        click(".breadcrumb-item a:contains('Campaign Statistics')", "back"),
        {trigger: '.o_journey_statistics h1:contains("We miss you")'},
        {trigger: ".o_journey_choice", run: "select 0"},
        {trigger: ".o_journey_overview"},
    ],
});

tours.add("campaign_playbooks", {
    steps: () => [
        {
            ...click(".o_view_nocontent a.btn-primary", "load them"),
            expectUnloadPage: true,
        },
        {
            trigger: ".o_content:not(.o_view_sample_data) .o_data_row",
            content: "they are there",
        },
    ],
});
