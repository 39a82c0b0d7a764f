import {Component, onWillStart, useEffect, useRef} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {loadBundle} from "@web/core/assets";
import {courseConfig} from "./course_chart";

/** Enrolments and conversions over time. */
export class Course extends Component {
    static template = "journey_engine.Course";
    static components = {Panel};
    static props = {days: Array};

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, courseConfig(this.props.days));
                return () => chart.destroy();
            },
            () => [this.props.days]
        );
    }
}
