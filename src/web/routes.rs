//! Every route, with who may use it. There is no other way to add one: what is served is made of
//! this list, and so is the test that asks for each of them as everybody.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use tower_http::limit::RequestBodyLimitLayer;

use super::access::Rule::{Halfway, Open, Provider, Reader, SignedIn, Staff, TheirTask};
use super::access::{Rule, enforce};
use super::pages::{
    account, acts, audit, case, cases, children, discussion, entry, erasure, file, flows, handset,
    health as machine, invitation, keeping, life, messages, pack, parent, people, pupil,
    reads_words, reports, requests, safeguarding, school_account, search, second_step, settings,
    share, sign_in, skim, staff, stage, start, tasks, today, watches, young,
};
use super::{
    LARGEST_BODY, LARGEST_CALL, LARGEST_MAIL, LARGEST_UPLOAD, Shared, assets, events, health, hooks,
};
use crate::desk::accounts::keeps_accounts;
use crate::desk::keeping::{may_erase_words, may_hold};
use crate::desk::people::keeps_people;
use crate::desk::rights::takes_requests;
use crate::desk::sees_audit;
use crate::desk::settings::{keeps_machine, keeps_settings};
use crate::desk::sight::{
    may_see_counters, may_see_flows, may_see_messages, may_see_reports, may_skim,
};
use crate::desk::stage::sets_stage;
use crate::desk::ties::{may_restrict_at_all, sees_people};
use crate::school::people::may_lift;

/// The list.
pub(super) fn routes(web: &Shared) -> Routes {
    let routes = Routes::new(web)
        // For providers.
        .mail("/hooks/email", hooks::mail)
        .mail("/hooks/email/{school}", hooks::mail_of)
        .get("/hooks/{endpoint}", Provider, hooks::inbound)
        .call("/hooks/{endpoint}", hooks::inbound)
        .get("/hooks/{endpoint}/status", Provider, hooks::status)
        .post("/hooks/{endpoint}/status", Provider, hooks::status)
        // For whoever watches over the machine.
        .get("/healthz", Open, health::alive)
        .get("/readyz", Open, health::ready)
        // The way in.
        .get("/", Open, start::show)
        .get("/assets/{hash}/{file}", Open, assets::serve)
        .get("/sign-in", Open, sign_in::show)
        .post("/sign-in", Open, sign_in::sign_in)
        .get("/sign-in/school", Open, school_account::go)
        .get("/sign-in/school/back", Open, school_account::back)
        .get("/sign-in/code", Halfway, second_step::ask)
        .post("/sign-in/code", Halfway, second_step::check)
        .get("/sign-in/set-up", Halfway, second_step::offer_first)
        .post("/sign-in/set-up", Halfway, second_step::take_first)
        .get("/invitation/{token}", Open, invitation::show)
        .post("/invitation/{token}", Open, invitation::accept)
        .post("/sign-out", Open, sign_in::sign_out)
        // What is somebody's own.
        .get("/account", SignedIn, account::show)
        .post("/account/password", SignedIn, account::password)
        .post("/account/sessions/end", SignedIn, account::end_others)
        .post("/account/sessions/{session}/end", SignedIn, account::end)
        .get("/account/second-step", SignedIn, second_step::offer)
        .post("/account/second-step", SignedIn, second_step::take)
        // What needs somebody.
        .get("/today", SignedIn, today::show)
        .post("/tasks/{task}/done", TheirTask, tasks::done)
        .post("/tasks/{task}/answer", TheirTask, tasks::answer)
        .get("/events", SignedIn, events::console)
        // Cases.
        .get("/cases", Staff(reads_words), cases::show)
        .get("/c/{number}", Reader, case::show)
        .get("/c/{number}/files/{message}/{n}", Reader, file::show)
        .get("/c/{number}/entries/{seq}", Reader, entry::show)
        .get("/c/{number}/pack", Reader, pack::show)
        .post("/c/{number}/acknowledge", Reader, acts::acknowledge)
        .post("/c/{number}/reply", Reader, acts::reply)
        .post("/c/{number}/parts", Reader, acts::parts)
        .post("/c/{number}/ring", Reader, acts::ring)
        .post("/c/{number}/call", Reader, acts::call)
        .post("/c/{number}/ask", Reader, acts::ask)
        .post("/c/{number}/release", Reader, acts::release)
        .post("/c/{number}/note", Reader, acts::note)
        .post("/c/{number}/hold", Reader, keeping::hold)
        .post("/c/{number}/step", Reader, life::step)
        .post("/c/{number}/assign", Reader, life::assign)
        .post("/c/{number}/entries/{seq}/correct", Reader, life::correct)
        .get("/c/{number}/erase", Reader, erasure::ask_case)
        .post("/c/{number}/erase", Reader, erasure::erase_case)
        .get(
            "/c/{number}/entries/{seq}/erase",
            Reader,
            erasure::ask_entry,
        )
        .post(
            "/c/{number}/entries/{seq}/erase",
            Reader,
            erasure::erase_entry,
        )
        .get("/c/{number}/discussion", Reader, discussion::show)
        .post("/c/{number}/discussion", Reader, discussion::keep)
        .get("/c/{number}/share", Reader, share::show)
        .post("/c/{number}/share", Reader, share::act)
        .get("/c/{number}/safeguarding", Reader, safeguarding::ask)
        .post("/c/{number}/safeguarding", Reader, safeguarding::mark)
        // For a parent who has a link and a PIN.
        .get("/p/{page}", Open, parent::show)
        .post("/p/{page}", Open, parent::open)
        .post("/p/{page}/answer", Open, parent::answer)
        // What was written, and by whom.
        .get("/pupils/{pupil}", Staff(reads_words), pupil::show)
        .get("/pupils/{pupil}/hold", Staff(may_hold), keeping::ask_pupil)
        .post("/pupils/{pupil}/hold", Staff(may_hold), keeping::hold_pupil)
        .get("/pupils/{pupil}/stage", Staff(sets_stage), stage::show)
        .post("/pupils/{pupil}/stage", Staff(sets_stage), stage::set)
        .post("/pupils/{pupil}/tell", Staff(sets_stage), stage::act)
        .get("/pupils/{pupil}/letter", Staff(sets_stage), stage::letter)
        .post("/pupils/{pupil}/decision", Staff(sets_stage), young::decide)
        .get("/search", Staff(reads_words), search::show)
        .get("/skim", Staff(may_skim), skim::show)
        .post("/skim", Staff(may_skim), skim::read)
        .post("/skim/{message}/flag", Staff(may_skim), skim::flag)
        .get("/skim/examples.txt", Staff(may_skim), skim::examples)
        .get("/messages", Staff(may_see_messages), messages::show)
        .post(
            "/messages/{outgoing}/retry",
            Staff(may_see_messages),
            messages::retry,
        )
        .get("/reports", Staff(may_see_reports), reports::show)
        .get("/reports/{table}", Staff(may_see_reports), reports::file)
        .get("/reports/children", Staff(may_see_counters), children::show)
        .get(
            "/reports/children.csv",
            Staff(may_see_counters),
            children::file,
        )
        .get(
            "/reports/families",
            Staff(may_see_counters),
            children::families,
        )
        .get("/flows", Staff(may_see_flows), flows::list)
        .get("/flows/{flow}", Staff(may_see_flows), flows::show)
        .get(
            "/flows/{flow}/picture.svg",
            Staff(may_see_flows),
            flows::picture,
        )
        // Who is who.
        .get("/people", Staff(sees_people), people::show)
        .post("/people/match", Staff(keeps_people), people::match_number)
        .post("/people/merge", Staff(keeps_people), people::merge)
        .post(
            "/people/changes/{change}/undo",
            Staff(keeps_people),
            people::undo,
        )
        .get(
            "/people/adults/{adult}",
            Staff(sees_people),
            people::adult::show,
        )
        .get(
            "/people/adults/{adult}/children",
            Staff(sees_people),
            people::tie::offer,
        )
        .post(
            "/people/adults/{adult}/children",
            Staff(sees_people),
            people::tie::add,
        )
        .get(
            "/people/adults/{adult}/children/{pupil}",
            Staff(sees_people),
            people::tie::show,
        )
        .post(
            "/people/adults/{adult}/children/{pupil}",
            Staff(sees_people),
            people::tie::change,
        )
        .post(
            "/people/adults/{adult}/children/{pupil}/restriction",
            Staff(may_restrict_at_all),
            people::tie::restrict,
        )
        .get(
            "/people/adults/{adult}/children/{pupil}/restriction/end",
            Staff(may_lift),
            people::tie::ask_end_restriction,
        )
        .post(
            "/people/adults/{adult}/children/{pupil}/restriction/end",
            Staff(may_lift),
            people::tie::end_restriction,
        )
        .get(
            "/people/adults/{adult}/children/{pupil}/end",
            Staff(sees_people),
            people::tie::ask_end,
        )
        .post(
            "/people/adults/{adult}/children/{pupil}/end",
            Staff(sees_people),
            people::tie::end,
        )
        .post(
            "/people/adults/{adult}/pin",
            Staff(keeps_people),
            people::adult::new_pin,
        )
        .get(
            "/people/adults/{adult}/passport",
            Staff(sees_people),
            people::passport::show,
        )
        .post(
            "/people/adults/{adult}/passport",
            Staff(keeps_people),
            people::passport::write,
        )
        .post(
            "/people/adults/{adult}/numbers",
            Staff(keeps_people),
            people::passport::add_number,
        )
        .get(
            "/people/adults/{adult}/numbers/{number}/lose",
            Staff(keeps_people),
            people::passport::ask_lose,
        )
        .post(
            "/people/adults/{adult}/numbers/{number}/lose",
            Staff(keeps_people),
            people::passport::lose_number,
        )
        .get("/people/import", Staff(keeps_people), people::import::form)
        .upload(
            "/people/import",
            Staff(keeps_people),
            people::import::upload,
        )
        .get(
            "/people/import/{import}",
            Staff(keeps_people),
            people::import::review,
        )
        .post(
            "/people/import/{import}",
            Staff(keeps_people),
            people::import::agree,
        )
        // What people may ask of the record, and who has read it.
        .get("/requests", Staff(takes_requests), requests::list)
        .post("/requests", Staff(takes_requests), requests::take)
        .get("/requests/{request}", Staff(takes_requests), requests::show)
        .post(
            "/requests/{request}/answered",
            Staff(takes_requests),
            requests::answered,
        )
        .get(
            "/requests/{request}/{copy}",
            Staff(takes_requests),
            requests::copy,
        )
        .get("/erasure", Staff(may_erase_words), erasure::list)
        .get("/audit", Staff(sees_audit), audit::show)
        .get("/audit.csv", Staff(sees_audit), audit::file)
        // The school and its machine.
        .get("/health", Staff(watches), machine::show)
        .get("/settings", Staff(keeps_settings), settings::show)
        .post(
            "/settings/restore",
            Staff(keeps_settings),
            settings::restore,
        )
        .get(
            "/settings/closed",
            Staff(keeps_settings),
            settings::closed::show,
        )
        .post(
            "/settings/closed",
            Staff(keeps_settings),
            settings::closed::close,
        )
        .post(
            "/settings/closed/open",
            Staff(keeps_settings),
            settings::closed::reopen,
        )
        .get(
            "/settings/terms",
            Staff(keeps_settings),
            settings::form::terms,
        )
        .post(
            "/settings/terms",
            Staff(keeps_settings),
            settings::form::set_terms,
        )
        .get(
            "/settings/contact",
            Staff(keeps_settings),
            settings::form::contact,
        )
        .post(
            "/settings/contact",
            Staff(keeps_settings),
            settings::form::set_contact,
        )
        .get(
            "/settings/services",
            Staff(keeps_settings),
            settings::services::list,
        )
        .get(
            "/settings/services/edit",
            Staff(keeps_settings),
            settings::services::edit,
        )
        .post(
            "/settings/services/edit",
            Staff(keeps_settings),
            settings::services::write,
        )
        .post(
            "/settings/services/checked",
            Staff(keeps_settings),
            settings::services::checked,
        )
        .post(
            "/settings/services/hide",
            Staff(keeps_settings),
            settings::services::hide,
        )
        .get(
            "/settings/retention",
            Staff(keeps_machine),
            settings::form::retention,
        )
        .post(
            "/settings/retention",
            Staff(keeps_machine),
            settings::form::set_retention,
        )
        .get("/settings/keys", Staff(keeps_machine), settings::keys::show)
        .get(
            "/settings/cover",
            Staff(keeps_people),
            settings::cover::list,
        )
        .get(
            "/settings/cover/{key}",
            Staff(keeps_people),
            settings::cover::show,
        )
        .post(
            "/settings/cover/{key}",
            Staff(keeps_people),
            settings::cover::set,
        )
        .get("/settings/staff", Staff(keeps_accounts), staff::show)
        .post(
            "/settings/staff/{key}/invite",
            Staff(keeps_accounts),
            staff::invite,
        )
        .post(
            "/settings/staff/{key}/sign-out",
            Staff(keeps_accounts),
            staff::sign_out,
        );
    if !web.demo {
        return routes;
    }
    // For a newcomer who looks at both sides at once. Only in a demo: without it, not there.
    routes
        .get("/handset", Open, handset::show)
        .post("/handset", Open, handset::send)
        .get("/handset/events", Open, events::handset)
}

/// Routes that each have their rule.
pub(super) struct Routes {
    web: Shared,
    /// What people's browsers ask for.
    pub people: Router<Shared>,
    /// What providers ask for: forms from another site, all of them.
    pub providers: Router<Shared>,
    /// What there is, for the test that asks for all of it.
    pub listed: Vec<Listed>,
}

/// One route, as the list has it.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "read by the test that asks for every route")
)]
pub(super) struct Listed {
    pub method: &'static Method,
    pub path: &'static str,
    pub rule: Rule,
}

impl Routes {
    fn new(web: &Shared) -> Self {
        Self {
            web: Arc::clone(web),
            people: Router::new(),
            providers: Router::new(),
            listed: Vec::new(),
        }
    }

    fn get<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(
            &Method::GET,
            MethodFilter::GET,
            path,
            rule,
            LARGEST_BODY,
            handler,
        )
    }

    fn post<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(
            &Method::POST,
            MethodFilter::POST,
            path,
            rule,
            LARGEST_BODY,
            handler,
        )
    }

    /// A form with files.
    fn upload<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(
            &Method::POST,
            MethodFilter::POST,
            path,
            rule,
            LARGEST_UPLOAD,
            handler,
        )
    }

    /// Where a provider posts a message, pictures in it perhaps.
    fn call<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(
            &Method::POST,
            MethodFilter::POST,
            path,
            Provider,
            LARGEST_CALL,
            handler,
        )
    }

    /// Where an email provider posts.
    fn mail<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        self.add(
            &Method::POST,
            MethodFilter::POST,
            path,
            Provider,
            LARGEST_MAIL,
            handler,
        )
    }

    fn add<H, T>(
        mut self,
        method: &'static Method,
        filter: MethodFilter,
        path: &'static str,
        rule: Rule,
        largest: usize,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let held = from_fn_with_state((Arc::clone(&self.web), rule), enforce);
        let route = on(filter, handler)
            .route_layer(RequestBodyLimitLayer::new(largest))
            .route_layer(held);
        if matches!(rule, Provider) {
            self.providers = self.providers.route(path, route);
        } else {
            self.people = self.people.route(path, route);
        }
        self.listed.push(Listed { method, path, rule });
        self
    }
}
