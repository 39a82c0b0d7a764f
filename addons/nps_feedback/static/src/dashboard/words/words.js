import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {messageOf} from "@customer_lifecycle/core/quiet_call";
import {formatCount, parseMoment} from "@customer_lifecycle/core/format";
import {formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {CATEGORIES} from "../figures";

const PAGE = 8;

/** What customers said in their words; filtered, and a page at a time. */
export class Words extends Component {
    static template = "nps_feedback.Words";
    static components = {Panel};
    static props = {period: Object, survey: [Number, Boolean]};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({
            category: "all",
            search: "",
            rows: [],
            total: 0,
            error: "",
        });
        this.choices = [
            {key: "all", label: _t("All")},
            ...Object.entries(CATEGORIES).map(([key, {label}]) => ({key, label})),
        ];
        this.searchSoon = useDebounced(() => this.load(this.props), 300);
        onWillStart(() => void this.load(this.props));
        onWillUpdateProps((props) => void this.load(props));
    }

    async load({period, survey}, offset = 0) {
        const {category, search} = this.state;
        try {
            const found = await this.keepLast.add(
                this.orm.silent.call("nps.service", "get_verbatims", [], {
                    date_from: period.from,
                    date_to: period.to,
                    category: category === "all" ? false : category,
                    search,
                    limit: PAGE,
                    offset,
                    survey_id: survey,
                })
            );
            const before = offset ? this.state.rows : [];
            Object.assign(this.state, {
                rows: [...before, ...found.rows],
                total: found.total,
                error: "",
            });
        } catch (error) {
            this.state.error = messageOf(error);
        }
    }

    get rows() {
        return this.state.rows.map((row) => ({
            ...row,
            day: formatDate(parseMoment(row.responded_at)),
            color: CATEGORIES[row.category].color,
        }));
    }

    get hint() {
        return _t("%s answers with words", formatCount(this.state.total));
    }

    choose(category) {
        this.state.category = category;
        return this.load(this.props);
    }

    search(text) {
        this.state.search = text;
        this.searchSoon();
    }

    more() {
        return this.load(this.props, this.state.rows.length);
    }

    open(number) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "nps.response",
            res_id: number,
            views: [[false, "form"]],
        });
    }
}
