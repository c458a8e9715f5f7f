//! The root: Today for staff; in a demo, a page from which a newcomer sees both sides.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{Frame, render};
use crate::school::people::titles;
use crate::web::Shared;

/// The demo's first page.
#[derive(Template)]
#[template(path = "start.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// School by school, who can sign in.
    schools: Vec<SchoolRow>,
}

/// A school of the demo.
struct SchoolRow {
    name: String,
    /// Name, roles and email of everybody who signs in.
    staff: Vec<StaffRow>,
}

struct StaffRow {
    name: String,
    roles: String,
    email: String,
}

/// `GET /`
pub(crate) async fn show(State(web): State<Shared>) -> Response {
    if !web.demo {
        return Redirect::to("/today").into_response();
    }
    let schools = web.d.schools().into_iter().map(|school| SchoolRow {
        name: school.config.name.clone(),
        staff: school
            .people
            .staff
            .iter()
            .filter_map(|staff| {
                Some(StaffRow {
                    name: staff.name.clone(),
                    roles: titles(&staff.roles),
                    email: staff.email.clone()?,
                })
            })
            .collect(),
    });
    render(&Page {
        frame: Frame::bare("A school to try out"),
        schools: schools.collect(),
    })
}
