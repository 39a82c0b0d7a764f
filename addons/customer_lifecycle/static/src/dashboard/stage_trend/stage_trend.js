import {Component, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {loadBundle} from "@web/core/assets";
import {_t} from "@web/core/l10n/translation";
import {formatCount, formatDay} from "../../core/format";
import {STAGE_KEYS, stageLabel, stageStyle} from "../../core/stage_palette";
import {Panel} from "../panel/panel";
import {trendConfig} from "./trend_chart";

/** Customers by stage over time; a click shows the moves up to that point. */
export class StageTrend extends Component {
    static template = "customer_lifecycle.StageTrend";
    static components = {Panel};
    static props = {trend: Array, open: Object};

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({view: "chart", hidden: {}});
        this.stages = STAGE_KEYS;
        this.stageLabel = stageLabel;
        this.stageStyle = stageStyle;
        this.formatCount = formatCount;
        this.formatDay = formatDay;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.trend, this.state.view]
        );
    }

    get choices() {
        return [
            {key: "chart", label: _t("Chart")},
            {key: "table", label: _t("Table")},
        ];
    }

    draw() {
        if (!this.canvas.el) {
            return;
        }
        const config = trendConfig(this.props.trend, this.openPoint.bind(this));
        this.chart = new Chart(this.canvas.el, config);
        this.hideStages();
        return () => {
            this.chart.destroy();
            this.chart = null;
        };
    }

    toggleStage(stage) {
        this.state.hidden[stage] = !this.state.hidden[stage];
        this.hideStages();
    }

    hideStages() {
        if (this.chart) {
            for (const [index, stage] of STAGE_KEYS.entries()) {
                this.chart.setDatasetVisibility(index, !this.state.hidden[stage]);
            }
            this.chart.update();
        }
    }

    /** From the day after the point before, so that the list tells what changed. */
    openPoint(stage, index) {
        const {trend} = this.props;
        const to = trend[index].date;
        const from = index ? trend[index - 1].date : to;
        return this.props.open.movesOf(stage, {from, to});
    }
}
