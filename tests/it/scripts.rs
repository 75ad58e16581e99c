//! Scripts of the owner in the running server.

use crate::server::{Client, TestServer, text};
use serde_json::{Value, json};

/// A server with these files in its folder of scripts.
fn server(files: &[(&str, &str)]) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), files);
    TestServer::start_in(folder, &[])
}

fn write_files(folder: &std::path::Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join("scripts").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Creates a collection that everybody may use.
fn collection(root: &Client, name: &str, fields: &Value) -> Value {
    let rules = json!({"listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": ""});
    let mut body = json!({"name": name, "type": "base", "fields": fields});
    body.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    root.create("/api/collections", &body)
}

fn number(name: &str) -> Value {
    json!({"name": name, "type": "number"})
}

fn records(name: &str) -> String {
    format!("/api/collections/{name}/records")
}

const ORDERS: &str = r#"
const VAT = 0.2;

fn with_tax(net) { (net * (1 + VAT)).round(2) }

before_create("orders", |e| {
    let product = e.db.find("products", e.record.product);
    if product.stock < e.record.quantity { reject(#{ quantity: `Only ${product.stock} left.` }); }
    product.stock -= e.record.quantity;
    e.db.save(product);
    e.record.total = with_tax(product.price * e.record.quantity);
});
"#;

#[test]
fn an_order_takes_from_the_stock_and_gets_its_exact_total() {
    let server = server(&[("orders.rhai", ORDERS)]);
    let root = server.superuser();
    let products = collection(&root, "products", &json!([number("price"), number("stock")]));
    let product = json!({"name": "product", "type": "relation", "collectionId": products["id"], "maxSelect": 1});
    let total = json!({"name": "total", "type": "number", "required": true});
    collection(&root, "orders", &json!([product, number("quantity"), total]));
    let lamp = root.create(&records("products"), &json!({"price": 19.99, "stock": 5}));
    let guest = server.anonymous();

    let order = guest.create(&records("orders"), &json!({"product": lamp["id"], "quantity": 3}));
    assert_eq!(order["total"], json!(71.96), "59.97 and 20 %: 71.964");
    let stock = || guest.get(&format!("{}/{}", records("products"), text(&lamp["id"]))).body["stock"].clone();
    assert_eq!(stock(), json!(2));

    let refused = guest.post(&records("orders"), &json!({"product": lamp["id"], "quantity": 3}));
    assert_eq!((refused.status, refused.message()), (400, "Failed to create record."));
    assert_eq!(refused.body["data"], json!({"quantity": {"code": "validation_rejected", "message": "Only 2 left."}}));
    assert_eq!(stock(), json!(2), "nothing was taken");

    // The product is there, so the script takes from the stock; the whole batch fails later.
    let settings = root.patch("/api/settings", &json!({"batch": {"enabled": true}}));
    assert_eq!(settings.status, 200);
    let one = |quantity: i64| json!({"method": "POST", "url": records("orders"), "body": {"product": lamp["id"], "quantity": quantity}});
    let batch = guest.post("/api/batch", &json!({"requests": [one(1), one(2)]}));
    assert_eq!(batch.status, 400, "{}", batch.body);
    let inner = &batch.body["data"]["requests"]["1"]["response"];
    assert_eq!(inner["data"]["quantity"]["message"], json!("Only 1 left."), "{}", batch.body);
    assert_eq!(stock(), json!(2), "the first order of the batch is undone too");
    let batch = guest.post("/api/batch", &json!({"requests": [one(1), one(1)]}));
    assert_eq!((batch.status, stock()), (200, json!(0)), "{}", batch.body);
}
