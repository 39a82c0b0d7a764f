import {Component, useState} from "@odoo/owl";
import {messageOf} from "@customer_lifecycle/core/quiet_call";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const TEXTS = ["channel", "name", "title", "body", "includes_offer"];
const TEMPLATES = ["template_id", "sms_template_id"];
const MAILS = ["email", "preferred"];
const DELAY = 500;

/** The message of a step as a customer sees it, on a desktop and on a phone. */
export class StepMessage extends Component {
    static template = "journey_engine.StepMessage";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.widths = [
            {key: "desktop", label: _t("Desktop"), icon: "fa-desktop"},
            {key: "phone", label: _t("Phone"), icon: "fa-mobile"},
        ];
        this.state = useState({status: "empty", width: "desktop", message: null});
        const refresh = useDebounced(() => this.load(), DELAY);
        useRecordObserver((record) => {
            const values = JSON.stringify(this.valuesOf(record));
            if (values !== this.shown) {
                const show = this.shown ? refresh : () => this.load();
                this.shown = values;
                show();
            }
        });
    }

    valuesOf({data}) {
        const texts = TEXTS.map((name) => [name, data[name]]);
        const templates = TEMPLATES.map((name) => [name, data[name]?.id || false]);
        return Object.fromEntries([...texts, ...templates]);
    }

    get isMail() {
        return MAILS.includes(this.props.record.data.channel);
    }

    hasContent(values) {
        if (this.isMail) {
            return Boolean(values.template_id);
        }
        return Boolean(values.body || values.title || values.sms_template_id);
    }

    async load() {
        const values = JSON.parse(this.shown);
        if (!values.channel || !this.hasContent(values)) {
            this.state.status = "empty";
            return;
        }
        this.state.status = this.state.message ? "refreshing" : "loading";
        const {resModel, evalContext} = this.props.record;
        const journey = evalContext.parent?.id || false;
        const call = this.orm.silent.call(resModel, "render_message", [
            values,
            journey,
        ]);
        try {
            this.state.message = await this.keepLast.add(call);
        } catch (error) {
            this.state.message = {error: messageOf(error)};
        }
        this.state.status = this.state.message.error ? "error" : "ready";
    }

    /** A page of its own: nothing of the mail touches the page around it. */
    get page() {
        const body = this.state.message.body || "";
        return `<base target="_blank"><style>body{margin:12px;font-family:sans-serif;overflow-wrap:anywhere}img{max-width:100%}</style>${body}`;
    }
}

registry.category("view_widgets").add("journey_message", {component: StepMessage});
