import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("loyalty_claim", {
    steps: () => [
        {
            trigger: '.o_loyalty_earns:contains("120 Points")',
            content: "what the cart earns, with the tier",
        },
        {
            trigger: 'a[aria-label="Add one"]:visible',
            content: "two of it",
            run: "click",
        },
        {trigger: '.o_loyalty_earns:contains("240 Points")'},
        {
            trigger: 'a[aria-label="Remove one"]:visible',
            content: "one is enough",
            run: "click",
        },
        {trigger: '.o_loyalty_earns:contains("120 Points")'},
        {
            trigger: 'form[name="claim_reward"]:contains("100 Points") button',
            content: "claim ten off for points",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: '.o_loyalty_balance:contains("This order uses 100 of your 250")',
            content: "the order uses points",
        },
    ],
});

tours.add("loyalty_code", {
    steps: () => [
        {
            trigger: 'form[name="claim_reward"]:contains("Coupons") button',
            content: "use the code that points were redeemed into",
            run: "click",
            expectUnloadPage: true,
        },
        {trigger: '.alert-success:contains("successfully applied")'},
        {
            trigger: '.o_loyalty_earns:contains("105 Points")',
            content: "a code lowers what is paid, and so what is earned",
        },
    ],
});

tours.add("loyalty_guest", {
    steps: () => [
        {
            trigger: "#add_to_cart",
            content: "into the cart",
            run: "click",
        },
        {
            trigger: 'a[href="/shop/cart"]:contains("1")',
            content: "to the cart",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger:
                '.o_loyalty_summary[data-state="guest"] a[href^="/web/login?redirect=/shop/cart"]',
            content: "points need an account",
        },
    ],
});
