import {onMounted, onWillUnmount, useState} from "@odoo/owl";

/** Reactive width of the referenced element, so that a drawing can fill it. */
export function useWidth(ref, initial = 640) {
    const state = useState({width: initial});
    const observer = new ResizeObserver(([entry]) => {
        state.width = Math.round(entry.contentRect.width) || initial;
    });
    onMounted(() => ref.el && observer.observe(ref.el));
    onWillUnmount(() => observer.disconnect());
    return state;
}
