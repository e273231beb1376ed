//! Imports beside editors: what people changed since the last import is not overwritten without a word.
use kernel::store::{ChangeInfo, unpublish};
use serde_json::{Value, json};

use crate::harness::{Binary, Folder, Output, TestServer};

struct Editor {
    server: TestServer,
    folder: Folder,
    token: String,
}

impl Editor {
    /// The careers `a` and `b` from files; what editors publish of `a`.
    async fn new() -> Self {
        let server = TestServer::empty().await;
        let folder = Folder::new();
        let paths = [folder.career("a", "A", ""), folder.career("b", "B", "")];
        server.publish(&paths).await;
        let token = server.token(&["read-drafts", "write", "publish"]).await;
        Self { server, folder, token }
    }

    async fn publish(&self, slug: &str, title: &str, base: Option<i32>) {
        let base = base.map_or_else(String::new, |base| format!(", baseRevision: {base}"));
        let query = format!(
            "mutation {{ saveCareer(document: {{slug: \"{slug}\", title: \"{title}\", summary: \"S\"}}, author: \"anna\"{base}) {{ errors {{ code }} }} \
             publish(entries: [{{kind: CAREER, slug: \"{slug}\"}}]) {{ errors {{ code message }} }} }}"
        );
        let body = self.server.send(&self.token, &query, json!({})).await;
        let errors = (&body["data"]["saveCareer"]["errors"], &body["data"]["publish"]["errors"]);
        assert_eq!(errors, (&json!([]), &json!([])), "{body}");
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let path = self.folder.path().to_str().unwrap();
        let arguments: Vec<_> =
            arguments.iter().map(|argument| if *argument == "." { path } else { argument }).collect();
        let output = Binary::new(&arguments).database(&self.server.database.url).run().await;
        // What another process published is known at once.
        self.server.db.refresh().await.unwrap();
        output
    }

    async fn titles(&self) -> Value {
        let query = "{ careers(orderBy: [{slug: ASC}]) { nodes { title } } }";
        self.server.query(query).await["careers"]["nodes"].clone()
    }
}

#[tokio::test]
async fn what_people_changed_stays_where_the_file_did_not_change() {
    let editor = Editor::new().await;
    editor.publish("a", "By hand", Some(1)).await;
    editor.folder.career("b", "B from the file", "");

    let plan = editor.run(&["diff", "."]).await;
    assert!(
        plan.out.contains(
            "= career a (kept as it is in the database: revision 2 by anna was published since its last import)"
        ),
        "{plan:?}"
    );
    assert!(
        plan.out.ends_with("0 to create, 1 to change, 0 in the database only, 0 unchanged, 1 kept, 0 in conflict.\n"),
        "{plan:?}"
    );
    let imported = editor.run(&["import", ".", "--publish"]).await;
    assert_eq!(
        (imported.status, imported.out.as_str()),
        (
            0,
            "updated career b\nkept career a: revision 2 by anna was published since its last import\n\
             0 created, 1 updated, 0 unchanged, 1 kept (published).\n"
        )
    );
    assert_eq!(editor.titles().await, json!([{ "title": "By hand" }, { "title": "B from the file" }]));

    let theirs = editor.run(&["import", ".", "--publish", "--theirs"]).await;
    assert!(theirs.out.contains("updated career a"), "{theirs:?}");
    assert_eq!(editor.titles().await[0]["title"], "A");
}

#[tokio::test]
async fn what_both_changed_is_a_conflict_until_somebody_decides() {
    let editor = Editor::new().await;
    editor.publish("a", "By hand", Some(1)).await;
    let path = editor.folder.career("a", "From the file", "");
    editor.folder.career("b", "B from the file", "");

    let plan = editor.run(&["diff", "."]).await;
    assert!(plan.status == 2 && plan.out.contains("! career a (conflict"), "{plan:?}");
    let refused = editor.run(&["import", ".", "--publish"]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    let place = format!("{}:1:1: error[changed-since-import]", path.display());
    assert!(refused.out.contains(&place) && refused.out.contains("revision 2 by anna"), "{refused:?}");
    assert!(refused.out.contains("--theirs") && refused.out.contains("--ours"), "{refused:?}");
    assert_eq!(editor.titles().await, json!([{ "title": "By hand" }, { "title": "B" }]), "nothing is written");

    let ours = editor.run(&["import", ".", "--publish", "--ours"]).await;
    assert!(
        ours.status == 0 && ours.out.contains("kept career a") && ours.out.contains("updated career b"),
        "{ours:?}"
    );
    assert_eq!(editor.titles().await, json!([{ "title": "By hand" }, { "title": "B from the file" }]));
    let both = editor.run(&["import", ".", "--publish", "--ours", "--theirs"]).await;
    assert_ne!(both.status, 0);
    assert_eq!(editor.run(&["import", ".", "--publish", "--theirs"]).await.status, 0);
    assert_eq!(editor.titles().await[0]["title"], "From the file");
    // From then on, it is as if nobody had changed it.
    editor.folder.career("a", "From the file, again", "");
    assert_eq!(editor.run(&["import", ".", "--publish"]).await.status, 0);
}

#[tokio::test]
async fn what_was_made_by_hand_is_not_overwritten_by_a_file_of_its_name() {
    let editor = Editor::new().await;
    editor.publish("c", "By hand", None).await;
    editor.folder.career("c", "From a file", "");
    let refused = editor.run(&["import", ".", "--publish"]).await;
    assert!(refused.status == 1 && refused.out.contains("never came from a file"), "{refused:?}");
    assert_eq!(editor.titles().await[2]["title"], "By hand");
}

#[tokio::test]
async fn drafts_of_people_are_not_replaced_by_drafts_from_files() {
    let editor = Editor::new().await;
    let save = "mutation { saveCareer(document: {slug: \"a\", title: \"Drafted\", summary: \"S\"}, baseRevision: 1) { errors { code } } }";
    editor.server.send(&editor.token, save, json!({})).await;
    let kept = editor.run(&["import", "."]).await;
    assert!(kept.status == 0 && kept.out.contains("kept career a: revision 2 by"), "{kept:?}");
    editor.folder.career("a", "From the file", "");
    let refused = editor.run(&["import", "."]).await;
    assert!(refused.status == 1 && refused.out.contains("was drafted since its last import"), "{refused:?}");
    let plan = editor.run(&["diff", ".", "--perspective", "draft"]).await;
    assert!(plan.out.contains("! career a (conflict"), "{plan:?}");
    // Publishing the file leaves the draft alone.
    assert_eq!(editor.run(&["import", ".", "--publish"]).await.status, 0);
    let entry = "{ entry(kind: CAREER, slug: \"a\") { isOvertaken draft { number } published { number } } }";
    let entry = editor.server.send(&editor.token, entry, json!({})).await["data"]["entry"].clone();
    assert_eq!(entry, json!({ "isOvertaken": true, "draft": { "number": 2 }, "published": { "number": 3 } }));
}

#[tokio::test]
async fn drafts_from_files_and_publications_of_files_follow_each_other() {
    let editor = Editor::new().await;
    for (title, flags) in
        [("One", vec![]), ("Two", vec!["--publish"]), ("Three", vec![]), ("Three", vec!["--publish"]), ("Four", vec![])]
    {
        editor.folder.career("a", title, "");
        let mut arguments = vec!["import", "."];
        arguments.extend(flags);
        let imported = editor.run(&arguments).await;
        assert!(imported.status == 0 && imported.out.contains("updated career a"), "{title}: {imported:?}");
    }
}

#[tokio::test]
async fn what_never_came_from_a_file_is_not_withdrawn_with_what_is_missing() {
    let editor = Editor::new().await;
    editor.publish("c", "By hand", None).await;
    editor.publish("b", "B by hand", Some(1)).await;
    std::fs::remove_file(editor.folder.path().join("careers/b.yaml")).unwrap();
    let mirror = ["import", ".", "--publish", "--withdraw-missing"];

    let refused = editor.run(&mirror).await;
    assert!(
        refused.status == 1 && refused.out.contains("the career `b` was changed in the database, and its file is gone"),
        "{refused:?}"
    );
    assert_eq!(editor.titles().await.as_array().map(Vec::len), Some(3));
    let ours = editor.run(&[&mirror[..], &["--ours"]].concat()).await;
    assert!(ours.status == 0 && ours.out.contains("kept career b") && ours.out.contains("kept career c: "), "{ours:?}");
    let theirs = editor.run(&[&mirror[..], &["--theirs"]].concat()).await;
    assert!(theirs.out.contains("withdrawn career b") && theirs.out.contains("withdrawn career c"), "{theirs:?}");
}

#[tokio::test]
async fn what_was_withdrawn_by_hand_comes_back_when_its_file_is_published() {
    let editor = Editor::new().await;
    assert!(
        unpublish(&editor.server.db, editor.server.graph.content(), "career", "a", &ChangeInfo::now("anna", ""))
            .await
            .unwrap()
    );
    let imported = editor.run(&["import", ".", "--publish"]).await;
    assert!(imported.out.contains("updated career a"), "{imported:?}");
}
