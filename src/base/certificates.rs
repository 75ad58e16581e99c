//! Signatures of services that send a certificate along: the certificate must lead to a trusted root and name the service, and its key must
//! have made the signature.

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P384_SHA384};
use webpki::aws_lc_rs::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// How certificates may be signed by those above them.
const CHAIN_ALGORITHMS: [&dyn rustls_pki_types::SignatureVerificationAlgorithm; 5] = [
    RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512,
    ECDSA_P256_SHA256,
    ECDSA_P384_SHA384,
];
/// How many certificates a chain may have.
const MAX_CHAIN: usize = 10;

/// Certificates that are trusted by themselves.
#[derive(Clone, Debug)]
pub struct Roots(Vec<TrustAnchor<'static>>);

impl Roots {
    /// Those that the operating system trusts. Reads files.
    #[must_use]
    pub fn of_system() -> Self {
        Self(anchors(&rustls_native_certs::load_native_certs().certs))
    }

    /// Those of a text in the PEM form. `None` if there are none.
    #[must_use]
    pub fn parse(pem: &[u8]) -> Option<Self> {
        let roots = anchors(&certificates(pem)?);
        (!roots.is_empty()).then_some(Self(roots))
    }
}

fn anchors(certificates: &[CertificateDer<'_>]) -> Vec<TrustAnchor<'static>> {
    let anchors = certificates.iter().filter_map(|root| anchor_from_trusted_cert(root).ok());
    anchors.map(|anchor| anchor.to_owned()).collect()
}

/// `None` for a text that is no PEM.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().ok()
}

/// Whether `signature` is one of RSA with SHA-256 over `message`, by the first certificate of `chain`, a text in the PEM form with the
/// certificates that lead to one of `roots` behind it. It must be valid at `now_seconds` and be for one of the host `names`. The
/// error says why not.
pub fn check_signature(
    chain: &[u8],
    roots: &Roots,
    names: &[&str],
    now_seconds: i64,
    message: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let chain = certificates(chain).filter(|chain| chain.len() <= MAX_CHAIN).ok_or("the certificate cannot be read")?;
    let (first, between) = chain.split_first().ok_or("there is no certificate")?;
    let certificate = EndEntityCert::try_from(first).map_err(|_| "the certificate cannot be read")?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now_seconds).unwrap_or(0)));
    certificate
        .verify_for_usage(&CHAIN_ALGORITHMS, &roots.0, between, now, KeyUsage::server_auth(), None, None)
        .map_err(|_| "the certificate does not lead to a trusted root, or is not valid now")?;
    let is_for = |name: &&str| {
        let name = ServerName::try_from(*name);
        name.is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    };
    if !names.iter().any(is_for) {
        return Err("the certificate is for another service");
    }
    certificate.verify_signature(RSA_PKCS1_2048_8192_SHA256, message, signature).map_err(|_| "no signature matches")
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    // Made with OpenSSL: a root, an intermediate certificate, and two certificates for host names, valid for 100 years.
    const ROOT: &[u8] = include_bytes!("test_certificates/root.pem");
    const CHAIN: &[u8] = include_bytes!("test_certificates/paypal.pem");
    const OTHER: &[u8] = include_bytes!("test_certificates/other.pem");
    const NAME: &str = "messageverificationcerts.paypal.com";
    const MESSAGE: &[u8] = b"69cd13f0-d67a-11e5-baa3-778b53f4ae55|2026-11-22T10:00:00Z|8PT597110X687430L|2325436976";
    /// `openssl dgst -sha256 -sign` with the keys of both.
    const SIGNATURE: &str = "tbZGQTqkHtW3vNfW8VrLlVKeZeKVwkrjEHSTQMzJu1bgcCqY4q6pANkDV2gjMW6lF4dGeSCV4PLjkWfTlAYXXymtbDaBZmGqZHwCD3wL1uuuZFkGqXZ76qnc37tLK7o/M3S4Hfy5h+Rj9kQZ/WW3lN4lwFnrfp+csbejuUf8UBqzVlThG3K/X3aEOSDYkGJOtV27NNXhJUO4RkU7mOn9howRi8MAOoQ3bH26ANeH258srQF8wJvtqw32RINV3bcorCxupVVIUyR4CX2GQea4wavyw0ZJ0/IU4exOCFlQ9RYo72NhBKsDu05ItBG+PLlTJI8fjLYmJZl2+L9LpdFugA==";
    const SIGNATURE_OF_OTHER: &str = "LauOzTEYUmxnQ8nng4MzulaUHRue3IpowXSiielzuKMcTqmSOC3BryV1LDShwLIurdDKUD+hDPSl5R0QyPw/+yxzaHHu5xdDB6ld/oWKgCK6AXdpWmxspZVlqxyw9ts/03OcGn52o/t02oa6Yqdlpi3EcyMCs1ceWSTtYrV/ursqlOx91lo5RQrZSNinUCuILTBtqVF0+UVhflCZeslvTt/cIZyOS8YtGCnPKjis24Yd7KSqwXLSLscBsgMAUw/h2IkAq7ulumzleu576xhEJlGP8abc3/bjxeZkgi2jcZvy7ls9Sb7voBSjEorbjPrbrfzflJ2JGq3jxJ/RzxS6iQ==";
    const NOW: i64 = 1_800_000_000;

    fn check(chain: &[u8], roots: &Roots, now: i64, message: &[u8], signature: &str) -> Result<(), &'static str> {
        check_signature(
            chain,
            roots,
            &["other.paypal.com", NAME],
            now,
            message,
            &BASE64.decode(signature.as_bytes()).unwrap(),
        )
    }

    #[test]
    fn a_signature_counts_with_a_valid_certificate_of_the_right_name() {
        let roots = Roots::parse(ROOT).unwrap();
        assert_eq!(check(CHAIN, &roots, NOW, MESSAGE, SIGNATURE), Ok(()));
        let untrusted = "the certificate does not lead to a trusted root, or is not valid now";
        let (year_2020, year_2300) = (1_577_836_800, 10_413_792_000);
        let alone = CHAIN.split_inclusive(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"-----END"));
        let alone = [alone.collect::<Vec<_>>().concat(), b"-----END CERTIFICATE-----\n".to_vec()].concat();
        for (chain, now, message, signature, expected) in [
            (CHAIN, NOW, &b"another message"[..], SIGNATURE, "no signature matches"),
            (CHAIN, NOW, MESSAGE, SIGNATURE_OF_OTHER, "no signature matches"),
            (OTHER, NOW, MESSAGE, SIGNATURE_OF_OTHER, "the certificate is for another service"),
            (CHAIN, year_2020, MESSAGE, SIGNATURE, untrusted),
            (CHAIN, year_2300, MESSAGE, SIGNATURE, untrusted),
            (&alone, NOW, MESSAGE, SIGNATURE, untrusted),
            (ROOT, NOW, MESSAGE, SIGNATURE, untrusted),
            (b"", NOW, MESSAGE, SIGNATURE, "there is no certificate"),
            (
                b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                NOW,
                MESSAGE,
                SIGNATURE,
                "the certificate cannot be read",
            ),
            (b"-----BEGIN CERTIFICATE-----\n!\n-----END", NOW, MESSAGE, SIGNATURE, "the certificate cannot be read"),
            (&CHAIN.repeat(6), NOW, MESSAGE, SIGNATURE, "the certificate cannot be read"),
        ] {
            assert_eq!(check(chain, &roots, now, message, signature), Err(expected), "at {now}");
        }
        let of_system = Roots::of_system();
        assert_eq!(
            check(CHAIN, &of_system, NOW, MESSAGE, SIGNATURE),
            Err(untrusted),
            "the system knows nothing of this root"
        );
        assert!(Roots::parse(b"").is_none() && Roots::parse(b"no PEM").is_none());
    }
}
