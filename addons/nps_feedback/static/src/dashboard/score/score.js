import {Component} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {clamp} from "@web/core/utils/numbers";
import {CATEGORIES, formatMargin, formatScore} from "../figures";

const RADIUS = 80;
const CENTRE = {x: 100, y: 96};
const FEW = 30;

/** A point of the half ring: -100 on the left, 100 on the right. */
function pointOf(value, radius = RADIUS) {
    const angle = Math.PI * (1 - (clamp(value, -100, 100) + 100) / 200);
    const x = CENTRE.x + radius * Math.cos(angle);
    const y = CENTRE.y - radius * Math.sin(angle);
    return `${x.toFixed(2)},${y.toFixed(2)}`;
}

function arc(from, to) {
    return `M${pointOf(from)}A${RADIUS},${RADIUS} 0 0 1 ${pointOf(to)}`;
}

/** The score with its margin, against the target. */
export class Score extends Component {
    static template = "nps_feedback.Score";
    static components = {Panel};
    static props = {data: Object, onOpen: Function};

    get nps() {
        return this.props.data.nps;
    }

    get isMeasured() {
        return typeof this.nps.nps === "number";
    }

    get text() {
        return formatScore(this.nps.nps);
    }

    get margin() {
        return formatMargin(this.nps.margin);
    }

    get base() {
        return arc(-100, 100);
    }

    get value() {
        return arc(-100, Math.max(this.nps.nps, -99));
    }

    /** Where the true score lies with 95 % certainty. */
    get band() {
        const {nps, margin} = this.nps;
        return typeof margin === "number" && margin
            ? arc(clamp(nps - margin, -100, 99), clamp(nps + margin, -99, 100))
            : false;
    }

    get target() {
        const {target} = this.props.data;
        return `M${pointOf(target, RADIUS - 11)}L${pointOf(target, RADIUS + 11)}`;
    }

    get isReached() {
        return this.isMeasured && this.nps.nps >= this.props.data.target;
    }

    get targetText() {
        return _t("Target %s", formatNumber(this.props.data.target));
    }

    get change() {
        const before = this.props.data.previous.nps;
        if (!this.isMeasured || typeof before !== "number") {
            return "";
        }
        const change = this.nps.nps - before;
        const text = `${change > 0 ? "+" : ""}${formatNumber(change)}`;
        return _t("%s against the period before", text);
    }

    get hint() {
        const {responses} = this.nps;
        if (responses && responses < FEW) {
            return _t("Few answers: the score says little yet");
        }
        return _t("Promoters minus detractors, with the margin of 95 % certainty");
    }

    get parts() {
        const counts = {
            promoter: this.nps.promoters,
            passive: this.nps.passives,
            detractor: this.nps.detractors,
        };
        return Object.entries(CATEGORIES).map(([key, {label, color}]) => ({
            key,
            label: label.toString(),
            count: formatCount(counts[key]),
            style: `--lifecycle-stage: ${color}`,
            share: this.nps.responses ? (100 * counts[key]) / this.nps.responses : 0,
        }));
    }

    get rate() {
        const {response_rate: rate, invitations} = this.nps;
        if (typeof rate !== "number") {
            return _t("Nobody was asked by message in this period");
        }
        return _t("%(rate)s% of %(asked)s asked have answered", {
            rate: formatNumber(rate),
            asked: formatCount(invitations),
        });
    }

    open(part) {
        return this.props.onOpen(part.label, [["category", "=", part.key]]);
    }
}
