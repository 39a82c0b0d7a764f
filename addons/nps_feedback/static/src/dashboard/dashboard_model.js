import {FiguresModel} from "@customer_lifecycle/core/figures_model";

export class FeedbackModel extends FiguresModel {
    fetch({from, to}, survey) {
        const wanted = [from, to, survey];
        return this.orm.silent.call("nps.service", "get_dashboard", wanted);
    }

    /** Neither an answer nor somebody asked: there is nothing to show yet. */
    get isEmpty() {
        const {nps, previous, csat, cases} = this.data || {nps: {}};
        const figures = [nps?.responses, previous?.responses, nps?.invitations];
        return !figures.some(Boolean) && !csat?.length && !cases?.open;
    }
}
