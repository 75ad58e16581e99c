//! The folder that shows what scripts cost: collections with and without handlers, a route, and as many script files as a
//! large project has. The same rules are written in rhai for us and in JavaScript for PocketBase; each server reads its own
//! folder, so that two builds of ours can be compared as well.

use crate::folder::Api;
use crate::server::Place;
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Script files in the folder: the one with the measured handlers, and others for collections that nobody asks for.
pub const FILES: usize = 50;
/// Products that orders are for.
pub const PRODUCTS: u64 = 1_000;

const RHAI: &str = r#"
const VAT = 0.2;

before_create("handled", |e| {});

before_create("orders", |e| {
    let product = e.db.find("products", e.record.product);
    if product.stock < e.record.quantity {
        reject(#{ quantity: `Only ${product.stock} left.` });
    }
    product.stock -= e.record.quantity;
    e.db.save(product);
    e.record.total = (product.price * e.record.quantity * (1 + VAT)).round(2);
});

route("GET", "/stock/{id}", |req| #{ id: req.params.id, page: req.query.page, is_signed_in: req.caller != () });
"#;

/// Scripts of ours that never end, for what is measured beside them. PocketBase has no limit for its own.
const RUNAWAY: &str = r#"
before_create("runaway", |e| { loop { } });
route("GET", "/runaway", |req| { if req.query.away != () { loop { } } #{ is_away: false } });
"#;
pub const RUNAWAY_ROUTE: &str = "/runaway";
pub const RUNAWAY_RECORDS: &str = "/api/collections/runaway/records";

const JAVASCRIPT: &str = r#"
onRecordCreate((e) => { e.next() }, "handled")

onRecordCreate((e) => {
    const VAT = 0.2
    const product = e.app.findRecordById("products", e.record.getString("product"))
    const quantity = e.record.getFloat("quantity")
    const stock = product.getFloat("stock")
    if (stock < quantity) {
        throw new BadRequestError("", { quantity: new ValidationError("sold_out", `Only ${stock} left.`) })
    }
    product.set("stock", stock - quantity)
    e.app.save(product)
    e.record.set("total", Math.round(product.getFloat("price") * quantity * (1 + VAT) * 100) / 100)
    e.next()
}, "orders")

routerAdd("GET", "/stock/{id}", (e) => e.json(200, {
    id: e.request.pathValue("id"),
    page: e.request.url.query().get("page"),
    is_signed_in: !!e.auth,
}))
"#;

/// Writes the files of both languages beside the data folder.
pub fn write_files(place: &Place) -> Result<()> {
    let (rhai, javascript) = (place.folder.join("scripts"), place.folder.join("pb_hooks"));
    fs::create_dir_all(&rhai)?;
    fs::create_dir_all(&javascript)?;
    fs::write(rhai.join("bench.rhai"), RHAI)?;
    fs::write(rhai.join("runaway.rhai"), RUNAWAY)?;
    fs::write(javascript.join("bench.pb.js"), JAVASCRIPT)?;
    for number in 1..FILES {
        write_other(&rhai.join(format!("other_{number}.rhai")), RHAI, number)?;
        write_other(&javascript.join(format!("other_{number}.pb.js")), JAVASCRIPT, number)?;
    }
    Ok(())
}

/// The same rules for other collections and another route.
fn write_other(path: &Path, rules: &str, number: usize) -> Result<()> {
    let mut rules = rules.replace("/stock/", &format!("/stock_{number}/"));
    for collection in ["handled", "orders", "products"] {
        rules = rules.replace(&format!("\"{collection}\""), &format!("\"{collection}_{number}\""));
    }
    Ok(fs::write(path, rules)?)
}

/// Makes the collections and the products through the API.
pub async fn make(api: &Api) -> Result<()> {
    let collection = |name: &str, fields: Value| json!({"name": name, "type": "base", "createRule": "", "viewRule": "", "fields": fields});
    let created = json!({"name": "created", "type": "autodate", "onCreate": true});
    let title = json!({"name": "title", "type": "text"});
    let number = |name: &str| json!({"name": name, "type": "number"});
    for name in ["plain", "handled", "runaway"] {
        let fields = json!([title, number("quantity"), created]);
        api.send(Method::POST, "/api/collections", collection(name, fields)).await?;
    }
    let products = collection("products", json!([title, number("price"), number("stock"), created]));
    let products = api.send(Method::POST, "/api/collections", products).await?;
    let product = json!({"name": "product", "type": "relation", "collectionId": products["id"], "maxSelect": 1});
    let orders = collection("orders", json!([product, number("quantity"), number("total"), created]));
    api.send(Method::POST, "/api/collections", orders).await?;
    for at in 0..PRODUCTS {
        let product = json!({"id": product_id(at), "title": format!("product {at}"), "price": 19.99, "stock": 1e12});
        api.send(Method::POST, "/api/collections/products/records", product).await?;
    }
    Ok(())
}

pub fn product_id(at: u64) -> String {
    format!("product{at:08}")
}
