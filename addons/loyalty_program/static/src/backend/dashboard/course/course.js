import {Component, onWillStart, useEffect, useRef} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {loadBundle} from "@web/core/assets";
import {courseConfig} from "./course_chart";

/** Points issued, redeemed and expired in each month. */
export class Course extends Component {
    static template = "loyalty_program.Course";
    static components = {Panel};
    static props = {months: Array};

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const config = courseConfig(this.props.months);
                const chart = new Chart(this.canvas.el, config);
                return () => chart.destroy();
            },
            () => [this.props.months]
        );
    }
}
