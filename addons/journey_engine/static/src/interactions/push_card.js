import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {_t} from "@web/core/l10n/translation";
import {rpc} from "@web/core/network/rpc";

const WORKER = "/my/push-worker.js";
const SCOPE = "/my";

/** Switches the notifications of this browser on and off. */
export class PushCard extends Interaction {
    static selector = ".o_journey_push";

    dynamicContent = {
        // The person may come back from the settings of the browser.
        _window: {"t-on-focus": this.look},
        "[data-push-state]": {
            "t-att-class": (el) => ({"d-none": el.dataset.pushState !== this.state}),
        },
        ".o_journey_push_error": {
            "t-att-class": () => ({"d-none": !this.error}),
            "t-out": () => this.error || "",
        },
        ".o_journey_push_on": {"t-on-click": this.locked(this.switchOn, true)},
        ".o_journey_push_off": {"t-on-click": this.locked(this.switchOff, true)},
    };

    setup() {
        this.state = "checking";
        this.error = "";
        this.isBusy = false;
    }

    start() {
        return this.look();
    }

    async look() {
        // The question of the browser takes the focus away and gives it back.
        if (!this.isBusy) {
            await this.attempt(() => this.currentState());
        }
    }

    switchOn() {
        return this.attempt(async () => {
            // First of all: some browsers ask only right after a click.
            if ((await Notification.requestPermission()) !== "granted") {
                return this.currentState();
            }
            const {subscription, key} = await this.subscribe();
            const {endpoint, keys} = subscription.toJSON();
            const values = {endpoint, keys, vapid_public_key: key};
            return this.learn(await rpc("/my/push/subscribe", values, SILENT));
        });
    }

    switchOff() {
        return this.attempt(async () => {
            const subscription = await this.subscription();
            if (!subscription) {
                return "off";
            }
            const {endpoint} = subscription;
            const state = await rpc("/my/push/unsubscribe", {endpoint}, SILENT);
            await subscription.unsubscribe();
            return this.learn(state);
        });
    }

    /** Do something that tells the new state, or say that it did not work. */
    async attempt(action) {
        this.isBusy = true;
        this.error = "";
        try {
            this.state = await this.waitFor(action());
        } catch (error) {
            console.warn(error);
            this.state = this.state === "checking" ? "off" : this.state;
            this.error =
                error.data?.message ||
                _t("That did not work. Please try again in a while.");
        }
        this.isBusy = false;
        this.updateContent();
    }

    async currentState() {
        if (!navigator.serviceWorker || !window.PushManager || !window.Notification) {
            return "unsupported";
        }
        if (Notification.permission === "denied") {
            return "blocked";
        }
        const subscription = await this.subscription();
        if (!subscription || Notification.permission !== "granted") {
            return "off";
        }
        const {endpoint} = subscription;
        const state = await rpc("/my/push/state", {endpoint}, SILENT);
        return state.is_on ? "on" : "off";
    }

    async subscription() {
        const found = await navigator.serviceWorker.getRegistration(SCOPE);
        // A worker of the whole site would answer here, too.
        const isOurs = found && new URL(found.scope).pathname === SCOPE;
        return isOurs ? found.pushManager.getSubscription() : null;
    }

    async subscribe() {
        const {pushManager} = await register();
        let subscription = await pushManager.getSubscription();
        const endpoint = subscription?.endpoint;
        const state = await rpc("/my/push/state", {endpoint}, SILENT);
        const key = state.vapid_public_key;
        if (subscription && !state.is_known) {
            // Somebody else's who used this browser, or made with an older key.
            await subscription.unsubscribe();
            subscription = null;
        }
        subscription ||= await pushManager.subscribe({
            userVisibleOnly: true,
            applicationServerKey: bytes(key),
        });
        return {subscription, key};
    }

    /** Take over what the server says, also in the form around: it is saved as a whole. */
    learn(state) {
        const channel = document.querySelector("#channel_push");
        if (channel) {
            channel.checked = state.is_agreed;
        }
        return state.is_on ? "on" : "off";
    }
}

const SILENT = {silent: true};

async function register() {
    const registration = await navigator.serviceWorker.register(WORKER, {scope: SCOPE});
    const worker = registration.installing || registration.waiting;
    if (!registration.active && worker) {
        await new Promise((resolve) => {
            worker.addEventListener("statechange", () => {
                if (["activated", "redundant"].includes(worker.state)) {
                    resolve();
                }
            });
        });
    }
    return registration;
}

function bytes(key) {
    const letters = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

registry.category("public.interactions").add("journey_engine.push_card", PushCard);
