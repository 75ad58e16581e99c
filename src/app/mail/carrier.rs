//! Delivers a mail: through the mail server of the settings, the sendmail of this machine, or for development to the log.

use super::{MailOptions, SendError};
use crate::base::causes::with_causes;
use crate::base::plain_text;
use crate::domain::model::{Attachment, Mail, Smtp};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSendmailTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// How long the server may take for one reply.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// The usual places of sendmail. It is rarely on the PATH of a service.
const SENDMAIL: [&str; 3] = ["/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/sendmail"];

pub(super) enum Carrier {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Sendmail(AsyncSendmailTransport<Tokio1Executor>),
    Log,
    #[cfg(test)]
    Trap(&'static super::tests::Trap),
}

impl Carrier {
    pub fn new(smtp: &Smtp, options: MailOptions) -> Result<Self, SendError> {
        #[cfg(test)]
        if let Some(trap) = options.trap {
            return Ok(Self::Trap(trap));
        }
        if smtp.enabled {
            return server(smtp).map(Self::Server);
        }
        if options.is_logged {
            return Ok(Self::Log);
        }
        match SENDMAIL.iter().find(|path| Path::new(path).exists()) {
            Some(path) => Ok(Self::Sendmail(AsyncSendmailTransport::new_with_command(path))),
            None => {
                Err(SendError::passing("no mail server is set up: turn SMTP on in the settings, or install sendmail"))
            }
        }
    }

    pub async fn carry(&self, mail: &Mail, message: Message) -> Result<(), SendError> {
        match self {
            Self::Server(server) => server.send(message).await.map(drop).map_err(|error| refused(&error)),
            Self::Sendmail(sendmail) => {
                sendmail.send(message).await.map_err(|error| SendError::passing(with_causes(&error)))
            }
            Self::Log => {
                let Mail { to, subject, html, reply_to, attachments } = mail;
                let answers = if reply_to.is_empty() { String::new() } else { format!("Reply-To: {reply_to}\n") };
                let file = |attachment: &Attachment| {
                    format!("Attachment: {} ({} bytes)\n", attachment.name, attachment.content.len())
                };
                let files: String = attachments.iter().map(file).collect();
                tracing::info!(
                    "mail to {to}, not sent, because no mail server is set up\nSubject: {subject}\n{answers}{files}\n{}\n",
                    plain_text::lines(html)
                );
                Ok(())
            }
            #[cfg(test)]
            Self::Trap(trap) => trap.take(mail),
        }
    }
}

fn server(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, SendError> {
    let port =
        u16::try_from(smtp.port).map_err(|_| SendError::passing("the port of the mail server is not a valid port"))?;
    let greeting = if smtp.local_name.is_empty() { "localhost" } else { &smtp.local_name };
    let has_password = !smtp.username.is_empty() || !smtp.password.reveal().is_empty();
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.as_str())
        .port(port)
        .hello_name(ClientId::Domain(greeting.to_owned()))
        .timeout(Some(ANSWER_TIME))
        .pool_config(PoolConfig::new().min_idle(0))
        .tls(encryption(smtp, has_password)?);
    if has_password {
        let mechanisms = match smtp.auth_method.as_str() {
            "PLAIN" => vec![Mechanism::Plain],
            "LOGIN" => vec![Mechanism::Login],
            _ => vec![Mechanism::Plain, Mechanism::Login],
        };
        let credentials = Credentials::new(smtp.username.clone(), smtp.password.reveal().to_owned());
        builder = builder.credentials(credentials).authentication(mechanisms);
    }
    Ok(builder.build())
}

/// The encryption of the connection: TLS from the first byte if the settings say so, otherwise STARTTLS if the server offers
/// it. With a password, another host must offer it, so that the password is never sent in the clear.
fn encryption(smtp: &Smtp, has_password: bool) -> Result<Tls, SendError> {
    let parameters = || {
        TlsParameters::new(smtp.host.clone())
            .map_err(|error| SendError::passing(format!("TLS cannot be used: {}", with_causes(&error))))
    };
    if smtp.tls {
        return Ok(Tls::Wrapper(parameters()?));
    }
    if has_password && !is_this_machine(&smtp.host) {
        return Ok(Tls::Required(parameters()?));
    }
    Ok(Tls::Opportunistic(parameters()?))
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Decides whether a failure is final. A 5xx reply is, unless it is about our sign-in or the server's rules for clients.
fn refused(error: &lettre::transport::smtp::Error) -> SendError {
    let code = error.status().map(|code| code.to_string());
    let is_about_us =
        code.as_deref().is_some_and(|code| code.starts_with("53") || matches!(code, "500" | "502" | "554"));
    SendError { cause: with_causes(error), is_final: error.is_permanent() && !is_about_us }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(change: impl FnOnce(&mut Smtp)) -> Smtp {
        let mut smtp = Smtp { enabled: true, port: 25, host: "mail.example.com".to_owned(), ..Smtp::default() };
        change(&mut smtp);
        smtp
    }

    #[tokio::test]
    async fn a_password_is_only_sent_encrypted_or_to_this_machine() {
        let mode = |change: fn(&mut Smtp), has_password| match encryption(&smtp(change), has_password).unwrap() {
            Tls::Wrapper(_) => "wrapped",
            Tls::Required(_) => "required",
            Tls::Opportunistic(_) => "offered",
            Tls::None => "none",
        };
        assert_eq!(mode(|_| (), false), "offered");
        assert_eq!(mode(|_| (), true), "required");
        assert_eq!(mode(|smtp| smtp.host = "127.0.0.1".to_owned(), true), "offered");
        assert_eq!(mode(|smtp| smtp.host = "localhost".to_owned(), true), "offered");
        assert_eq!(mode(|smtp| smtp.tls = true, true), "wrapped");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn sendmail_is_handed_the_whole_mail() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (script, taken) = (folder.path().join("sendmail"), folder.path().join("taken"));
        let text = format!("#!/bin/sh\n(echo \"$@\"; cat) > {0}.part && mv {0}.part {0}\n", taken.display());
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mail =
            Mail { to: "ana@example.com".into(), subject: "Hi".into(), html: "<p>x</p>".into(), ..Mail::default() };
        let meta = crate::domain::model::Settings::initial().meta;
        let message = super::super::message::build(&meta, &mail).unwrap();
        let carrier = Carrier::Sendmail(AsyncSendmailTransport::new_with_command(&script));
        carrier.carry(&mail, message).await.unwrap();
        let taken = std::fs::read_to_string(taken).unwrap();
        assert!(taken.starts_with("-i -f support@example.com -- ana@example.com\n"), "{taken}");
        assert!(taken.contains("Subject: Hi"), "{taken}");
        let missing = Carrier::Sendmail(AsyncSendmailTransport::new_with_command(folder.path().join("none")));
        let message = super::super::message::build(&meta, &mail).unwrap();
        assert!(!missing.carry(&mail, message).await.unwrap_err().is_final);
    }

    #[tokio::test]
    async fn without_a_server_developers_read_the_log() {
        let off = Smtp::default();
        assert!(matches!(Carrier::new(&off, MailOptions::new(true)), Ok(Carrier::Log)));
        let on = smtp(|_| ());
        assert!(matches!(Carrier::new(&on, MailOptions::new(true)), Ok(Carrier::Server(_))));
    }
}
