import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

function open(trigger, content) {
    return {...click(trigger, content), expectUnloadPage: true};
}

function tab(name) {
    return open(`.o_loyalty_tabs a:contains("${name}")`, name);
}

tours.add("loyalty_redeem", {
    steps: () => [
        open('a[href="/my/loyalty"]', "the card of the portal"),
        {trigger: '.o_loyalty_points:contains("120")', content: "what was earned"},
        {trigger: '.o_loyalty_tier:contains("Silver")', content: "the tier has moved"},
        {trigger: '.o_loyalty_balance:contains("points to Gold")'},
        tab("Rewards"),
        open('.o_loyalty_reward button:contains("Redeem")', "turn points into a code"),
        {trigger: '.o_loyalty_code.border-success[data-state="open"]'},
        {
            trigger: ".o_loyalty_code",
            content: "a browser without a window has no clipboard",
            run: () => {
                navigator.clipboard.writeText = async () => {};
            },
        },
        click('.o_loyalty_code button:contains("Copy")', "copy the code"),
        {trigger: '.o_loyalty_copy_done:not(.d-none):contains("Copied")'},
        tab("History"),
        {trigger: '.o_loyalty_rows td:contains("-100")', content: "what it cost"},
        open('.o_loyalty_filters a:contains("Redeemed")', "only what was redeemed"),
        {trigger: '.o_loyalty_rows:not(:contains("Earned"))'},
        tab("Overview"),
        {trigger: '.o_loyalty_points:contains("20")'},
        {trigger: '.o_loyalty_tier:contains("Silver")', content: "the tier is kept"},
    ],
});

tours.add("loyalty_sign_up", {
    steps: () => [
        {trigger: '.o_loyalty_refer:contains("A friend has invited you")'},
        open('.o_loyalty_refer a:contains("Sign up")', "sign up"),
        {trigger: "input#login", run: "edit tour_friend@example.com"},
        {trigger: "input#name", run: "edit Farid Friend"},
        {trigger: "input#password", run: "edit tour_friend_1"},
        {trigger: "input#confirm_password", run: "edit tour_friend_1"},
        open(".oe_signup_form button[type=submit]", "sign up"),
        {trigger: ".o_loyalty_balance", content: "the friend is a member"},
        {trigger: '.o_loyalty_points:contains("0")'},
    ],
});

tours.add("loyalty_rewarded", {
    steps: () => [
        tab("Invite friends"),
        {trigger: '.o_loyalty_referrals tr:contains("Farid F."):contains("Rewarded")'},
        {trigger: '.o_loyalty_referrals td:contains("+200")'},
        tab("Overview"),
        {trigger: '.o_loyalty_points:contains("200")'},
    ],
});

tours.add("loyalty_transfer", {
    steps: () => [
        tab("Transfer"),
        {trigger: "input#to", run: "edit loyal_omar@example.com"},
        {trigger: "input#number", run: "edit 50"},
        open('button:contains("Continue")', "a second look"),
        {trigger: 'p:contains("50 points go to loyal_omar@example.com")'},
        open('button:contains("Send the points")', "send"),
        {trigger: '.alert-success:contains("sent")'},
        {trigger: '.o_loyalty_rows td:contains("-50")'},
    ],
});

tours.add("loyalty_join", {
    steps: () => [
        open('a[href="/my/loyalty"]', "the card of the portal"),
        open('button:contains("Join")', "join"),
        {trigger: '.alert-success:contains("You are a member now")'},
    ],
});
