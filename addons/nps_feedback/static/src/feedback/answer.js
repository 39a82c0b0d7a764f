/**
 * Sends the score that the link of a message chose, as soon as a person has touched the
 * page. Scanners of mails open links, and some run scripts and wait: a script makes no
 * trusted events, so nothing is sent for them. Without this file the button sends.
 */
const SIGNS = ["pointerdown", "pointermove", "touchstart", "keydown", "wheel"];
const SETTLED_MS = 400;

const choice = document.querySelector("form.o_feedback_chosen");
const sender = document.querySelector("form.o_feedback_send");
const shownAt = performance.now();
let isSent = false;

function isPerson(ev) {
    if (!ev.isTrusted || performance.now() - shownAt < SETTLED_MS) {
        return false;
    }
    // Browsers make up a move where the pointer happens to rest on a new page.
    return ev.type !== "pointermove" || ev.movementX !== 0 || ev.movementY !== 0;
}

function onSign(ev) {
    if (isSent || !isPerson(ev)) {
        return;
    }
    // Whoever reaches for a button decides for himself.
    const isOwnChoice = ev.type !== "pointermove" && ev.target.closest?.("form, a");
    forget();
    if (!isOwnChoice) {
        sender.requestSubmit();
    }
}

function forget() {
    for (const sign of SIGNS) {
        document.removeEventListener(sign, onSign, true);
    }
}

if (choice && sender) {
    for (const sign of SIGNS) {
        document.addEventListener(sign, onSign, true);
    }
}

/** A double click sends one answer. */
for (const form of document.querySelectorAll(".o_feedback form")) {
    form.addEventListener("submit", (ev) => {
        if (isSent) {
            ev.preventDefault();
        }
        isSent = true;
    });
}

// Whoever comes back by the browser's button may send again.
window.addEventListener("pageshow", (ev) => {
    if (ev.persisted) {
        isSent = false;
    }
});
