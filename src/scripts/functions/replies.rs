//! Answers of routes.

use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::reply::{HTML, TEXT};
use crate::scripts::values::{BytesValue, Out, Reply, json};
use rhai::plugin::*;
use rhai::{Dynamic, FnPtr, INT, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "replies", replies);
}

#[export_module]
mod replies {
    /// Answers with a value as JSON. Records are shown without hidden fields.
    #[rhai_fn(name = "json", return_raw)]
    pub fn json_ok(value: Dynamic) -> Outcome<Reply> {
        Reply::json(200, &value)
    }

    /// The same with a status: `json(201, #{ ok: true })`.
    #[rhai_fn(name = "json", return_raw)]
    pub fn json_with(status: INT, value: Dynamic) -> Outcome<Reply> {
        Reply::json(status, &value)
    }

    /// Answers with a text.
    #[rhai_fn(name = "text", return_raw)]
    pub fn text_ok(text: &str) -> Outcome<Reply> {
        Reply::new(200, TEXT, text.to_owned())
    }

    /// The same with a status.
    #[rhai_fn(name = "text", return_raw)]
    pub fn text_with(status: INT, text: &str) -> Outcome<Reply> {
        Reply::new(status, TEXT, text.to_owned())
    }

    /// Answers with HTML as it is. Values of others in it must be escaped: `page` does that.
    #[rhai_fn(name = "html", return_raw)]
    pub fn html_ok(text: &str) -> Outcome<Reply> {
        Reply::new(200, HTML, text.to_owned())
    }

    /// The same with a status.
    #[rhai_fn(name = "html", return_raw)]
    pub fn html_with(status: INT, text: &str) -> Outcome<Reply> {
        Reply::new(status, HTML, text.to_owned())
    }

    /// Answers with a template of `templates/`, without values.
    #[rhai_fn(name = "page", return_raw, volatile)]
    pub fn page_plain(context: NativeCallContext<'_>, template: &str) -> Outcome<Reply> {
        page_with(context, 200, template, Map::new())
    }

    /// Answers with a template of `templates/`, filled with the values: `page("shop/list", #{ products: products })`.
    #[rhai_fn(name = "page", return_raw, volatile)]
    pub fn page_ok(context: NativeCallContext<'_>, template: &str, values: Map) -> Outcome<Reply> {
        page_with(context, 200, template, values)
    }

    /// The same with a status.
    #[rhai_fn(name = "page", return_raw, volatile)]
    pub fn page_with(context: NativeCallContext<'_>, status: INT, template: &str, values: Map) -> Outcome<Reply> {
        ambient::note(&context);
        let frame = ambient::running("page")?;
        let values = json::to_json(&Dynamic::from_map(values))?;
        Reply::new(status, HTML, frame.file.templates.render(template, &values)?.text)
    }

    /// Sends the client to another address, with status 303.
    #[rhai_fn(name = "redirect", return_raw)]
    pub fn redirect(address: &str) -> Outcome<Reply> {
        redirect_with(303, address)
    }

    /// The same with one of the statuses 301, 302, 303, 307 and 308.
    #[rhai_fn(name = "redirect", return_raw)]
    pub fn redirect_with(status: INT, address: &str) -> Outcome<Reply> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(problem("the status of a redirect must be 301, 302, 303, 307 or 308"));
        }
        let mut reply = Reply::new(status, "", String::new())?;
        reply.set_header("location", address)?;
        Ok(reply)
    }

    /// Answers with bytes, or a text, of a type: `bytes("image/png", data)`.
    #[rhai_fn(name = "bytes", return_raw, volatile)]
    pub fn bytes_of(context: NativeCallContext<'_>, content_type: &str, data: Dynamic) -> Outcome<Reply> {
        ambient::note(&context);
        Reply::new(200, content_type, BytesValue::of(&data, "the content of an answer")?.into_bytes())
    }

    /// Answers in parts, which are sent while the function runs: `stream("text/csv", |out| { for order in db.each("orders") { out.write(order.id); } })`.
    /// If the function fails, the client sees that the answer is not complete. The time of the route counts for all of it.
    #[rhai_fn(return_raw)]
    pub fn stream(content_type: &str, work: FnPtr) -> Outcome<Reply> {
        Reply::streamed(content_type, work)
    }

    /// Sends a text or bytes. Waits if the client reads slowly.
    #[rhai_fn(return_raw, pure, volatile)]
    pub fn write(context: NativeCallContext<'_>, out: &mut Out, part: Dynamic) -> Outcome<()> {
        ambient::note(&context);
        out.write(BytesValue::of(&part, "what is written")?)
    }

    /// Answers with status 204 and nothing else.
    #[rhai_fn(return_raw)]
    pub fn no_content() -> Outcome<Reply> {
        Reply::new(204, "", String::new())
    }

    /// Sets a header of an answer, and returns the answer.
    #[rhai_fn(name = "header", return_raw)]
    pub fn header(reply: &mut Reply, name: &str, value: &str) -> Outcome<Reply> {
        reply.set_header(name, value)?;
        Ok(reply.clone())
    }

    /// Sets a cookie, and returns the answer. The cookie is sent with requests to this site only (`SameSite=Lax`), for all paths, and is
    /// hidden from scripts of pages. `()` as its value deletes it.
    #[rhai_fn(name = "cookie", return_raw)]
    pub fn cookie(reply: &mut Reply, name: &str, value: Dynamic) -> Outcome<Reply> {
        reply.set_cookie(name, &value, &Map::new())?;
        Ok(reply.clone())
    }

    /// The same with options: `path`, `domain`, `max_age` (seconds), `http_only`, `secure` and `same_site` (`"lax"`, `"strict"`, `"none"`).
    #[rhai_fn(name = "cookie", return_raw)]
    pub fn cookie_with(reply: &mut Reply, name: &str, value: Dynamic, options: Map) -> Outcome<Reply> {
        reply.set_cookie(name, &value, &options)?;
        Ok(reply.clone())
    }
}
