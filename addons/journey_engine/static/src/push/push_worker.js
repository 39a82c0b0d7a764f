// Shows notifications to customers. The platform's payload is the same: a title, and
// the options of https://notifications.spec.whatwg.org/#api

const HOME = "/my";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(address(event.notification.data || {})));
});

self.addEventListener("pushsubscriptionchange", (event) => {
    if (event.oldSubscription) {
        event.waitUntil(renew(event.oldSubscription));
    }
});

async function show(data) {
    const {title, options = {}} = read(data);
    if (options.data?.type === "CANCEL") {
        // A call of the platform that nobody took.
        const shown = await self.registration.getNotifications({tag: options.tag});
        shown.forEach((notification) => notification.close());
        return;
    }
    await self.registration.showNotification(title || self.location.host, options);
}

function read(data) {
    try {
        return data.json() || {};
    } catch {
        // Browsers take the permission away from who shows nothing.
        return {};
    }
}

/** Where a click leads: to this site only, whatever the payload says. */
function address({url, model, res_id}) {
    const home = new URL(HOME, self.location.origin).href;
    const view = `/mail/view?model=${encodeURIComponent(model)}&res_id=${Number(res_id)}`;
    const isDocument = url === undefined && model && res_id;
    try {
        const wanted = new URL(isDocument ? view : url || HOME, self.location.origin);
        return wanted.origin === self.location.origin ? wanted.href : home;
    } catch {
        return home;
    }
}

async function open(href) {
    const windows = await self.clients.matchAll({
        type: "window",
        includeUncontrolled: true,
    });
    const shown = windows.find((client) => client.url === href);
    return shown ? shown.focus() : self.clients.openWindow(href);
}

/** The browser changed its address by itself. */
async function renew(old) {
    const subscription = await self.registration.pushManager.subscribe(old.options);
    await call("/my/push/subscribe", {
        ...subscription.toJSON(),
        vapid_public_key: text(subscription.options.applicationServerKey),
        previous_endpoint: old.endpoint,
    });
}

function call(route, params) {
    return fetch(route, {
        method: "POST",
        credentials: "include",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({jsonrpc: "2.0", method: "call", id: 1, params}),
    });
}

function text(buffer) {
    const letters = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
