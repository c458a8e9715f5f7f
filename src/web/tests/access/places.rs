//! What addresses are about, made for the requests of the table, and the requests.

use super::*;

impl World {
    /// Asks, and does not wait for the end of what may have none.
    pub(super) async fn status(
        &self,
        method: &Method,
        path: &str,
        cookie: &str,
    ) -> (StatusCode, String) {
        const FORM: &str = "application/x-www-form-urlencoded";
        let told = if path.ends_with("/tell") {
            format!(
                "stage={}&do=not&adult=amina-yusuf&words=no",
                self.stage().await
            )
        } else {
            String::new()
        };
        let (kind, body) = match path {
            "/handset" => (FORM, "as=%2B447700900101&words=hello"),
            "/people/import" => ("multipart/form-data; boundary=b", "--b--\r\n"),
            path if path.ends_with("/step") => (FORM, "to=discussed&words=talked"),
            path if path.ends_with("/share") => (FORM, "do=keep&adult=amina-yusuf"),
            path if path.ends_with("/tell") => (FORM, told.as_str()),
            _ => (FORM, ""),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "school.example")
            .header(header::CONTENT_TYPE, kind);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let to = answer.headers().get(header::LOCATION);
        let to = to.map_or("", |to| to.to_str().unwrap());
        (answer.status(), to.to_owned())
    }

    /// A change of Sam's stage, of which parents are to be told.
    pub(super) async fn stage(&self) -> Uuid {
        let new = NewStage {
            pupil: "sam",
            stage: Sen::Support,
            plan: None,
            since: date(2026, 12, 1),
            source: "here",
            staff: "mrs-cole",
            entry: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let stage = tx.keep_stage(SCHOOL, &new).await.unwrap();
        tx.save().await.unwrap();
        stage
    }

    pub(super) async fn cookie_of(&self, who: Who) -> String {
        match who {
            Who::Nobody => String::new(),
            Who::Halfway => self.session_of(SCHOOL, "mrs-cole", Stage::Code).await,
            Who::Staff(key) => self.session_of(SCHOOL, key, Stage::In).await,
        }
    }

    /// A case of Sam's (3H), as if his mother had written.
    pub(super) async fn case_of_sam(&self, tier: &str) -> String {
        let sealed = tier != "ordinary";
        let owner = match tier {
            "ordinary" => "mr-hughes",
            "staff" => "mr-wright",
            "head" => "dr-shah",
            _ => "mrs-adeyemi",
        };
        let head = ["mr-wright".to_owned()];
        let new = NewCase {
            school_id: SCHOOL,
            kind: if sealed { "safeguarding" } else { "concern" },
            tier,
            endpoint: &self.rig.endpoint.id,
            address: AMINA,
            adult: Some("amina-yusuf"),
            pupil: Some("sam"),
            owner: Some(owner),
            copied: &[],
            barred: if tier == "head" { &head } else { &[] },
            escalate_at: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let case = tx.open_case(&new).await.unwrap();
        let said = NewEntry::new("message-in", AMINA, "he is not sleeping");
        tx.append(case.id, &said).await.unwrap();
        tx.save().await.unwrap();
        case.number.to_string()
    }

    pub(super) async fn task_for(&self, school: &str, role: &str) -> String {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let task = tx
            .task(
                school, "to-ring", role, None, "handset", AMINA, "ring", None,
            )
            .await
            .unwrap();
        tx.save().await.unwrap();
        task.to_string()
    }

    /// A session of somebody's that is not the one they ask with.
    pub(super) async fn other_session(&self, school: &str, staff: &str) -> String {
        self.session_of(school, staff, Stage::In).await;
        let long_ago = Moment(0);
        let mut tx = self.rig.d.store.read().await.unwrap();
        let all = tx.sessions_of(school, staff, long_ago, long_ago).await;
        all.unwrap()[0].id.to_string()
    }

    /// What an address is about, made for this one request where the request may change it.
    pub(super) async fn place(
        &self,
        thing: Thing,
        who: Who,
        read: &[Place; 2],
        method: &Method,
    ) -> Place {
        let reads = method == Method::GET;
        let mut place = Place::default();
        match thing {
            Thing::Concern if reads => return read[0].clone(),
            Thing::Sealed if reads => return read[1].clone(),
            Thing::Concern => place.number = self.case_of_sam("ordinary").await,
            Thing::Sealed => place.number = self.case_of_sam("safeguarding").await,
            Thing::AboutStaff => place.number = self.case_of_sam("staff").await,
            Thing::AboutTheHead => place.number = self.case_of_sam("head").await,
            Thing::OfficeTask => place.task = self.task_for(SCHOOL, "office").await,
            Thing::LeadsTask => place.task = self.task_for(SCHOOL, "dsl").await,
            Thing::OwnSession => {
                if let Who::Staff(key) = who {
                    place.session = self.other_session(SCHOOL, key).await;
                }
            }
            Thing::Invitation => {
                let colleague = self.rig.school().people.staff("mr-hughes").unwrap();
                let mut tx = self.rig.d.store.begin().await.unwrap();
                let link = accounts::invite(&mut tx, "", SCHOOL, colleague, "mrs-cole").await;
                tx.save().await.unwrap();
                place.token = link.unwrap().replace("/invitation/", "");
            }
            Thing::Colleague => "mr-hughes".clone_into(&mut place.key),
            Thing::Parent => {
                "amina-yusuf".clone_into(&mut place.adult);
                "sam".clone_into(&mut place.pupil);
                "+447700900101".clone_into(&mut place.number);
            }
            Thing::Change => place.change = self.change().await,
            Thing::Upload => {
                place.import = match who {
                    Who::Staff(key) => self.uploaded(SCHOOL, key).await,
                    _ => Uuid::nil().to_string(),
                };
            }
            Thing::Request => place.request = self.requested(SCHOOL).await,
            Thing::Pupil => "sam".clone_into(&mut place.pupil),
            Thing::Skimmed => {
                // Of a case of its own: who flags it seals that one.
                return self
                    .photo(SCHOOL, "when is sports day, i would like to help")
                    .await;
            }
            Thing::Outgoing => place.outgoing = self.sent(SCHOOL).await,
            Thing::Nothing | Thing::Page | Thing::Shipped => {}
        }
        place
    }

    /// A change of the people that can be undone.
    pub(super) async fn change(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(900_500);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let phone: Phone = format!("+447700{number}").parse().unwrap();
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let office = self.rig.actor("+447700900210").unwrap();
        office
            .match_number(&mut tx, &phone, "amina-yusuf", "she rang")
            .await
            .unwrap();
        let made = tx.people_changes(SCHOOL, 1).await.unwrap();
        tx.save().await.unwrap();
        made[0].id.to_string()
    }

    /// A text to a parent that did not arrive.
    pub(super) async fn sent(&self, school: &str) -> String {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let now = tx.now();
        let text = Outgoing::text(
            school,
            "handset",
            AMINA,
            Purpose::School,
            "hello".to_owned(),
            now,
        );
        let id = tx.queue(&text).await.unwrap();
        tx.save().await.unwrap();
        id.to_string()
    }

    /// A request for a copy of everything about somebody.
    pub(super) async fn requested(&self, school: &str) -> String {
        let task = self.task_for(school, "office").await;
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let request = SubjectRequest {
            id: self.rig.d.clock.id(),
            about: "pupil".to_owned(),
            person: "sam".to_owned(),
            asked_by: "his mother".to_owned(),
            received: "2026-12-01".to_owned(),
            due: "2027-01-04".to_owned(),
            staff: "ms-park".to_owned(),
            recorded_at: Moment::from(tx.now()),
            task: Uuid::parse_str(&task).unwrap(),
            done_at: None,
            done_by: None,
        };
        tx.keep_request(school, &request).await.unwrap();
        tx.save().await.unwrap();
        request.id.to_string()
    }

    /// Files that somebody has uploaded.
    pub(super) async fn uploaded(&self, school: &str, staff: &str) -> String {
        let file = File {
            name: "adults.csv".to_owned(),
            bytes: include_bytes!("../../../../demo/adults.csv").to_vec(),
            kind: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let id = tx.keep_import(school, staff, 0, &[file]).await.unwrap();
        tx.save().await.unwrap();
        id.to_string()
    }

    /// Somebody writes and sends a photo, which is kept: the case and the message it is in.
    pub(super) async fn photo(&self, school: &str, words: &str) -> Place {
        let endpoint = self.rig.d.endpoints();
        let endpoint = endpoint
            .iter()
            .filter(|e| e.school.config.id == school)
            .find(|e| matches!(e.config.kind, ChannelKind::Handset { .. }))
            .unwrap();
        let inbound = Inbound {
            provider_id: format!("test:{}", self.rig.d.clock.id()),
            from: AMINA.to_owned(),
            body: words.as_bytes().to_vec(),
            media: vec![Media {
                content_type: "image/gif".to_owned(),
                reference: "somewhere".to_owned(),
            }],
            ..Inbound::default()
        };
        inbox::accept(&self.rig.d, endpoint, &inbound, false)
            .await
            .unwrap();
        crate::settle::settle(&self.rig.d).await.unwrap();
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let all = tx.cases(school, &Default::default()).await.unwrap();
        // The school's own record of a child's support is nobody's message.
        let heard = all.iter().filter(|case| case.kind != "sen-record");
        let case = heard.max_by_key(|case| case.number).unwrap();
        let files = tx.files_of_case(case.id).await.unwrap();
        let file = files.first().unwrap_or_else(|| panic!("{words}: no photo"));
        tx.keep_file(file, "image/gif", b"GIF89a...").await.unwrap();
        tx.save().await.unwrap();
        Place {
            number: case.number.to_string(),
            message: file.message.to_string(),
            ..Place::default()
        }
    }
}
