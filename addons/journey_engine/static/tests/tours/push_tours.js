import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const ENDPOINT = "https://push.example.com/send/tour";

function click(trigger, content) {
    return {trigger, content, run: "click"};
}

function shown(state) {
    return `.o_journey_push p[data-push-state="${state}"]:not(.d-none)`;
}

async function subscription(registration) {
    const pair = await crypto.subtle.generateKey(
        {name: "ECDH", namedCurve: "P-256"},
        true,
        ["deriveBits"]
    );
    const text = (raw) =>
        btoa(String.fromCharCode(...new Uint8Array(raw)))
            .replaceAll("+", "-")
            .replaceAll("/", "_")
            .replaceAll("=", "");
    const keys = {
        p256dh: text(await crypto.subtle.exportKey("raw", pair.publicKey)),
        auth: text(crypto.getRandomValues(new Uint8Array(16))),
    };
    return {
        endpoint: ENDPOINT,
        toJSON: () => ({endpoint: ENDPOINT, expirationTime: null, keys}),
        unsubscribe: async () => {
            registration.subscription = null;
            return true;
        },
    };
}

/** What a headless browser lacks: a push service, and somebody who says "allow". */
async function fakePush({permission, subscribed = false}) {
    const registration = {
        active: {},
        scope: `${location.origin}/my`,
        subscription: null,
        pushManager: {
            getSubscription: async () => registration.subscription,
            subscribe: async ({applicationServerKey}) => {
                if (applicationServerKey.length !== 65) {
                    throw new Error("The key of the server is wrong");
                }
                registration.subscription = await subscription(registration);
                return registration.subscription;
            },
        },
    };
    if (subscribed) {
        registration.subscription = await subscription(registration);
    }
    replace(navigator, "serviceWorker", {
        register: async () => registration,
        getRegistration: async () => registration,
    });
    const notification = {permission};
    notification.requestPermission = async () => {
        notification.permission = "granted";
        return "granted";
    };
    replace(window, "Notification", notification);
    replace(window, "PushManager", class {});
    window.dispatchEvent(new Event("focus"));
}

function replace(object, name, value) {
    Object.defineProperty(object, name, {value, configurable: true});
}

function fake(content, options) {
    return {trigger: ".o_journey_push", content, run: () => fakePush(options)};
}

tours.add("journey_push_on", {
    steps: () => [
        fake("the person said never", {permission: "denied"}),
        {trigger: shown("blocked")},
        {
            trigger: ".o_journey_push:not(:has(button:visible))",
            content: "nothing to click on",
        },
        fake("and takes it back", {permission: "default"}),
        {trigger: shown("off")},
        {trigger: "#channel_push:not(:checked)"},
        click(".o_journey_push_on", "yes, please"),
        {trigger: shown("on")},
        {trigger: "#channel_push:checked", content: "the form around knows it"},
    ],
});

tours.add("journey_push_off", {
    steps: () => [
        fake("who said yes", {permission: "granted", subscribed: true}),
        {trigger: shown("on")},
        click(".o_journey_push_off", "and has had enough"),
        {trigger: shown("off")},
        {trigger: "#channel_push:not(:checked)"},
    ],
});

tours.add("journey_push_unsupported", {
    steps: () => [
        {
            trigger: ".o_journey_push",
            content: "an old browser",
            run: () => {
                replace(navigator, "serviceWorker", undefined);
                window.dispatchEvent(new Event("focus"));
            },
        },
        {trigger: shown("unsupported")},
    ],
});

tours.add("journey_push_refused", {
    steps: () => [
        fake("the address of somebody else", {permission: "default"}),
        {trigger: shown("off")},
        click(".o_journey_push_on", "mine now?"),
        {trigger: '.o_journey_push_error:contains("another account")'},
        {trigger: shown("off")},
    ],
});
