import {FiguresModel} from "../core/figures_model";

export class DashboardModel extends FiguresModel {
    fetch({from, to}) {
        return this.orm.silent.call("lifecycle.engine", "get_dashboard", [from, to]);
    }

    get customers() {
        return this.data.stages.reduce((sum, {customers}) => sum + customers, 0);
    }

    get isEmpty() {
        return this.status !== "error" && Boolean(this.data) && !this.customers;
    }
}
