use super::*;

/// `posts` by `users`, `comments` on posts, and a second auth collection.
fn blog(tx: &WriteTx) {
    change(tx, "users", json!({"fields": with_more(tx, "users", &json!([text("role"), text("nick")]))}));
    made(tx, json!({"name": "posts", "fields": [text("title"), relation("author", "_pb_users_auth_")]}));
    let posts = crate::domain::collections::find(tx, "posts").unwrap().id.clone();
    made(tx, json!({"name": "comments", "fields": [text("title"), relation("post", &posts)]}));
    made(tx, json!({"name": "staff", "type": "auth", "fields": [text("role")]}));
}

fn with_more(tx: &WriteTx, name: &str, more: &Value) -> Value {
    let collection = crate::domain::collections::find(tx, name).unwrap();
    let mut fields: Vec<Value> = collection.fields.iter().map(|field| field.to_json().into()).collect();
    fields.extend(more.as_array().unwrap().clone());
    fields.into()
}

/// The fields of a collection, with `old` renamed to `new`.
fn renamed(tx: &WriteTx, name: &str, old: &str, new: &str) -> Value {
    let mut fields = with_more(tx, name, &json!([]));
    for field in fields.as_array_mut().unwrap() {
        if field["name"] == old {
            field["name"] = new.into();
        }
    }
    json!({"fields": fields})
}

fn change(tx: &WriteTx, name: &str, patch: Value) {
    changed(tx, name, patch);
}

#[test]
fn rules_follow_a_renamed_field_wherever_they_reach_it() {
    scratch(|tx| {
        blog(tx);
        let rule = |name: &str| crate::domain::collections::find(tx, name).unwrap().rules.list.clone().unwrap();
        change(
            tx,
            "comments",
            json!({"listRule": "// who may\n'äé' != title && post.title ~ 'title' && post.author.nick:lower = title && \
                @collection.posts:x.title ?= 'a' && @request.auth.nick = 'n' && @request.body.post.title:isset = false"}),
        );
        change(tx, "users", json!({"listRule": "posts_via_author.title = 'title'"}));
        change(tx, "posts", renamed(tx, "posts", "title", "headline"));
        assert_eq!(rule("users"), "posts_via_author.headline = 'title'");
        change(tx, "users", renamed(tx, "users", "nick", "alias"));
        change(tx, "posts", renamed(tx, "posts", "author", "writer"));
        assert_eq!(
            rule("comments"),
            "// who may\n'äé' != title && post.headline ~ 'title' && post.writer.alias:lower = title && \
             @collection.posts:x.headline ?= 'a' && @request.auth.alias = 'n' && @request.body.post.headline:isset = false"
        );
        assert_eq!(rule("users"), "posts_via_writer.headline = 'title'");
    });
}

#[test]
fn rules_follow_a_renamed_collection_and_its_own_rules_do_as_well() {
    scratch(|tx| {
        blog(tx);
        change(tx, "users", json!({"listRule": "posts_via_author.id != '' && @collection.Posts.title ?= 'posts'"}));
        change(tx, "posts", json!({"listRule": "@collection.posts.title ?= title", "viewRule": "title = 'x'"}));
        change(tx, "posts", json!({"name": "articles"}));
        let found = |name: &str| crate::domain::collections::find(tx, name).unwrap().rules.clone();
        let expected = "articles_via_author.id != '' && @collection.articles.title ?= 'posts'";
        assert_eq!(found("users").list.as_deref(), Some(expected));
        assert_eq!(found("articles").list.as_deref(), Some("@collection.articles.title ?= title"));
        change(tx, "articles", renamed(tx, "articles", "title", "headline"));
        assert_eq!(found("articles").view.as_deref(), Some("headline = 'x'"));
    });
}

#[test]
fn a_name_that_may_mean_several_fields_is_refused_and_listed() {
    scratch(|tx| {
        blog(tx);
        change(tx, "posts", json!({"listRule": "@request.auth.role = 'admin'"}));
        change(tx, "comments", json!({"viewRule": "@request.auth.role != ''"}));
        let before = everything(tx);
        let message = problems(try_change(tx, "users", renamed(tx, "users", "role", "rank")));
        assert!(message.contains("the listRule of \"posts\" (@request.auth.role)"), "{message}");
        assert!(message.contains("the viewRule of \"comments\""), "{message}");
        assert_eq!(everything(tx), before);
        // Only one collection has this field.
        change(tx, "posts", json!({"listRule": "@request.auth.nick = 'n'"}));
        change(tx, "comments", json!({"viewRule": null}));
        change(tx, "users", renamed(tx, "users", "nick", "alias"));
        let posts = crate::domain::collections::find(tx, "posts").unwrap();
        assert_eq!(posts.rules.list.as_deref(), Some("@request.auth.alias = 'n'"));
    });
}

#[test]
fn rules_of_views_and_of_sign_in_follow_too() {
    scratch(|tx| {
        blog(tx);
        made(
            tx,
            json!({"name": "shown", "type": "view", "viewQuery": "SELECT id, author FROM posts", "listRule": "author.nick = 'n'"}),
        );
        change(tx, "users", json!({"manageRule": "@request.auth.nick = 'boss'"}));
        change(tx, "users", renamed(tx, "users", "nick", "alias"));
        let schema = tx.schema();
        assert_eq!(schema.by_name("shown").unwrap().rules.list.as_deref(), Some("author.alias = 'n'"));
        let users = schema.by_name("users").unwrap();
        let manage = users.auth.as_ref().unwrap().manage_rule.as_deref();
        assert_eq!(manage, Some("@request.auth.alias = 'boss'"));
    });
}
