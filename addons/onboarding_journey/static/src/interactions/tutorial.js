import {Interaction} from "@web/public/interaction";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const URL = "/my/onboarding/seen";
const EVERY_MS = 15000;

/** Tells how long a tutorial is really looked at: while its tab is in sight. */
export class OnboardingTutorial extends Interaction {
    static selector = ".o_onboarding_measured";

    setup() {
        this.since = null;
    }

    start() {
        this.send(0, true);
        this.since = Date.now();
        const tell = () => this.tell();
        const show = () => {
            this.tell();
            this.since = document.hidden ? null : Date.now();
        };
        this.addListener(document, "visibilitychange", show);
        this.addListener(window, "pagehide", tell);
        const timer = browser.setInterval(tell, EVERY_MS);
        this.registerCleanup(() => browser.clearInterval(timer));
    }

    /** The seconds since the last word. */
    tell() {
        if (this.since === null) {
            return;
        }
        const seconds = Math.floor((Date.now() - this.since) / 1000);
        if (seconds > 0) {
            this.since += seconds * 1000;
            this.send(seconds, false);
        }
    }

    send(seconds, isFirst) {
        const form = new FormData();
        form.append("csrf_token", this.el.dataset.csrf);
        form.append("row", this.el.dataset.row);
        form.append("seconds", String(seconds));
        form.append("first", isFirst ? "1" : "");
        // Arrives even if the page is about to be left.
        browser.navigator.sendBeacon(URL, form);
    }
}

registry
    .category("public.interactions")
    .add("onboarding_journey.tutorial", OnboardingTutorial);
