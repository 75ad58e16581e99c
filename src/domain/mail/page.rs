//! The HTML page around a mail's body. It uses little CSS, which mail programs support only in part, and no external
//! files, which many do not load.

use super::template::escape;

const STYLE: &str = "\
body { margin: 0; padding: 24px 30px; color: #1c2420; background: #ffffff; \
font: 15px/1.5 system-ui, -apple-system, \"Segoe UI\", Roboto, Arial, sans-serif; }
p { margin: 0 0 12px; }
a { color: #2f6b4f; }
.btn { display: inline-block; padding: 10px 20px; border-radius: 6px; font-weight: 600; text-decoration: none; \
color: #ffffff !important; background: #2f6b4f; }
.sender { margin-top: 28px; color: #5d6b64; font-size: 13px; }";

/// A complete HTML document that contains `body` and ends with the application's name.
pub(super) fn around(body: &str, app_name: &str) -> String {
    let app_name = escape(app_name);
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\n<p class=\"sender\">{app_name}</p>\n</body>\n</html>\n"
    )
}
